/** A person as one controller knows them: a pseudonymous handle at one agent. */
import { fromBase64url } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";

const REFERENCE = /^[A-Za-z0-9_-]{11}\.[A-Za-z0-9_-]{22}$/;
const LOCATED = /^([A-Za-z0-9_-]{11})\.([\x21-\x7e]{1,256})$/;

/**
 * Reference to a person, to be stored with the customer: `<locator of the agent>.<relationship handle>`.
 * It is a pseudonym of this controller's own, no secret; other controllers have others for the same person.
 */
export class PersonRef {
  readonly text: string;
  /** Agent locator, base64url. */
  readonly locator: string;
  /** Relationship handle, base64url. */
  readonly handle: string;

  private constructor(text: string, locator: string, handle: string) {
    this.text = text;
    this.locator = locator;
    this.handle = handle;
    Object.freeze(this);
  }

  /** @throws StrongroomError `sdk.person` */
  static from(person: PersonRef | string): PersonRef {
    if (person instanceof PersonRef) return person;
    if (typeof person === "string" && REFERENCE.test(person)) {
      const locator = person.slice(0, 11);
      const handle = person.slice(12);
      if (isCanonical(locator) && isCanonical(handle)) return new PersonRef(person, locator, handle);
    }
    throw new StrongroomError("sdk.person", "not a person's reference: <11 characters>.<22 characters> of base64url");
  }

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }
}

/** @internal Splits a connection code at the agent's locator. @throws StrongroomError `sdk.person` */
export function splitCode(text: string): { locator: string; code: string } {
  const [, locator, code] = LOCATED.exec(text) ?? [];
  if (locator !== undefined && code !== undefined && isCanonical(locator)) return { locator, code };
  throw new StrongroomError(
    "sdk.person",
    "not a connection code: it begins with the 11 characters of an agent's locator and a dot",
  );
}

function isCanonical(text: string): boolean {
  try {
    fromBase64url(text);
    return true;
  } catch {
    return false;
  }
}
