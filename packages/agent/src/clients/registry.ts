/**
 * Controllers and their applications: who they are and with which public keys they sign in.
 * Applications that asked something are kept in memory, so that disabling one or taking away a key counts
 * from that moment on, for tokens that were given out before as well.
 */
import { toBase64url } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import type { ApplicationDraft, ApplicationView, ControllerDraft, ControllerView } from "@strongroom/core/wire";
import type { Effects } from "../effects.ts";
import { LogUnit, type LogWriter } from "../log/writer.ts";
import type { ApplicationRow, ControllerRow } from "../storage/rows.ts";
import type { Mutation, Store } from "../storage/store.ts";
import { readPublicJwk, type ClientKey } from "./publicKey.ts";

export const NAME_CHARS_MAX = 100;
export const WEBSITE_CHARS_MAX = 200;
export const APPLICATION_KEYS_MAX = 8;

/** An application in memory; there is one object for each in the process, changed in place. */
export interface LiveApplication {
  readonly id: string;
  readonly controller: string;
  readonly name: string;
  readonly createdAt: number;
  disabled: boolean;
  /** By kid. */
  readonly keys: Map<string, StoredKey>;
}

export interface StoredKey extends ClientKey {
  readonly createdAt: number;
}

export interface ClientRegistryOptions {
  readonly store: Store;
  readonly writer: LogWriter;
  readonly effects: Effects;
}

export class ClientRegistry {
  readonly #store: Store;
  readonly #writer: LogWriter;
  readonly #effects: Effects;
  readonly #live = new Map<string, LiveApplication>();
  /** Tail of the queue of changes to applications: each sees the one before it. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: ClientRegistryOptions) {
    this.#store = options.store;
    this.#writer = options.writer;
    this.#effects = options.effects;
  }

  /** @throws StrongroomError `client.bad-name`, `client.name-taken` */
  async registerController(draft: ControllerDraft): Promise<ControllerView> {
    const row: ControllerRow = {
      id: this.#newId(),
      name: readName(draft.name),
      website: draft.website === undefined ? null : readWebsite(draft.website),
      createdAt: this.#effects.now(),
    };
    await this.#commit([{ op: "controller.add", row }], `there is a controller named ${row.name} already`);
    return controllerView(row);
  }

  async controllers(): Promise<ControllerView[]> {
    return (await this.#store.controllers()).map(controllerView);
  }

  /**
   * Registers one more application of a controller, with its first key.
   * @throws StrongroomError `client.unknown`, `client.bad-name`, `client.name-taken`, `client.bad-key`, `client.private-key`
   */
  async registerApplication(controller: string, draft: ApplicationDraft): Promise<ApplicationView> {
    const key = readPublicJwk(draft.key);
    const name = readName(draft.name);
    await this.#requireController(controller);
    const createdAt = this.#effects.now();
    const keys = [{ kid: key.kid, jwk: key.jwk, createdAt }];
    const row: ApplicationRow = { id: this.#newId(), controller, name, createdAt, disabled: false, keys };
    await this.#commit([{ op: "application.add", row }], `the controller has an application named ${name} already`);
    return applicationView(live(row));
  }

  /** @throws StrongroomError `client.unknown` */
  async applicationsOf(controller: string): Promise<ApplicationView[]> {
    await this.#requireController(controller);
    return (await this.#store.applications(controller)).map((row) => applicationView(live(row)));
  }

  /** Null when there is none. */
  async application(id: string): Promise<LiveApplication | null> {
    const known = this.#live.get(id);
    if (known !== undefined) return known;
    const row = await this.#store.application(id);
    if (row === null) return null;
    // Another request may have loaded it meanwhile; its object is the one that counts.
    const loaded = this.#live.get(id) ?? live(row);
    this.#live.set(id, loaded);
    return loaded;
  }

  /** @throws StrongroomError `client.unknown` */
  setDisabled(id: string, disabled: boolean): Promise<ApplicationView> {
    return this.#change(id, async (application) => {
      await this.#commit([{ op: "application.disable", id, disabled }]);
      application.disabled = disabled;
    });
  }

  /** @throws StrongroomError `client.bad-key`, `client.private-key`, `client.key-exists`, `client.too-many-keys` */
  addKey(id: string, jwk: unknown): Promise<ApplicationView> {
    const key = readPublicJwk(jwk);
    return this.#change(id, async (application) => {
      if (application.keys.has(key.kid)) {
        throw new StrongroomError("client.key-exists", `the application has the key ${key.kid} already`);
      }
      if (application.keys.size >= APPLICATION_KEYS_MAX) {
        throw new StrongroomError("client.too-many-keys", `an application has at most ${APPLICATION_KEYS_MAX} keys`, {
          details: { keysMax: APPLICATION_KEYS_MAX },
        });
      }
      const createdAt = this.#effects.now();
      await this.#commit([{ op: "application.key.add", id, key: { kid: key.kid, jwk: key.jwk, createdAt } }]);
      application.keys.set(key.kid, { ...key, createdAt });
    });
  }

  /** Tokens that were given for the key end with it. @throws StrongroomError `client.key-unknown`, `client.last-key` */
  removeKey(id: string, kid: string): Promise<ApplicationView> {
    return this.#change(id, async (application) => {
      if (!application.keys.has(kid))
        throw new StrongroomError("client.key-unknown", `the application has no key ${kid}`);
      if (application.keys.size === 1)
        throw new StrongroomError("client.last-key", "the only key cannot be removed: add the new one first");
      await this.#commit([{ op: "application.key.remove", id, kid }]);
      application.keys.delete(kid);
    });
  }

  #change(id: string, change: (application: LiveApplication) => Promise<void>): Promise<ApplicationView> {
    const turn = this.#turn.then(async () => {
      const application = await this.application(id);
      if (application === null) throw new StrongroomError("client.unknown", `there is no application ${id}`);
      await change(application);
      return applicationView(application);
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #requireController(id: string): Promise<void> {
    if ((await this.#store.controller(id)) === null) {
      throw new StrongroomError("client.unknown", `there is no controller ${id}`);
    }
  }

  /** @param taken what a conflict means here */
  async #commit(mutations: readonly Mutation[], taken?: string): Promise<void> {
    const unit = new LogUnit(null, null, this.#effects.now());
    unit.mutations.push(...mutations);
    try {
      await this.#writer.append(unit);
    } catch (cause) {
      if (taken !== undefined && cause instanceof StrongroomError && cause.code === "storage.conflict") {
        throw new StrongroomError("client.name-taken", taken, { cause });
      }
      throw cause;
    }
  }

  #newId(): string {
    return toBase64url(this.#effects.random(16));
  }
}

export function applicationView(application: LiveApplication): ApplicationView {
  const { id, controller, name, createdAt, disabled, keys } = application;
  return {
    id,
    controller,
    name,
    createdAt,
    keys: [...keys.values()].map((key) => ({ kid: key.kid, createdAt: key.createdAt })),
    disabled,
  };
}

function controllerView({ id, name, website, createdAt }: ControllerRow): ControllerView {
  return { id, name, ...(website === null ? {} : { website }), createdAt };
}

function live({ keys, ...row }: ApplicationRow): LiveApplication {
  const stored = keys.map(({ jwk, createdAt }) => ({ ...readPublicJwk(JSON.parse(jwk)), createdAt }));
  return { ...row, keys: new Map(stored.map((key) => [key.kid, key])) };
}

/** Names are shown to subjects: no control or invisible formatting characters that could dress one up as another. */
function readName(text: string): string {
  const name = text.normalize("NFC").trim();
  if (name.length === 0 || name.length > NAME_CHARS_MAX || /[\p{C}\p{Zl}\p{Zp}]/u.test(name)) {
    throw new StrongroomError("client.bad-name", `a name has 1 to ${NAME_CHARS_MAX} visible characters`);
  }
  return name;
}

function readWebsite(text: string): string {
  const url = text.length > WEBSITE_CHARS_MAX ? null : URL.parse(text);
  if (
    url === null ||
    (url.protocol !== "https:" && url.protocol !== "http:") ||
    url.username !== "" ||
    url.password !== ""
  ) {
    throw new StrongroomError(
      "client.bad-name",
      `a website is an http or https address of at most ${WEBSITE_CHARS_MAX} characters`,
    );
  }
  return url.href;
}
