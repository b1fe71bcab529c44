/** Opening values: which agent, which kept key, what to ask. */
import { toBase64url } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import { encodeHeaderText, type SealedHeader } from "@strongroom/core/seal";
import type { Vocabulary } from "@strongroom/core/vocabulary";
import type { DenialReason } from "@strongroom/core/wire";
import type { Agent } from "../agent/agent.ts";
import type { AgentDirectory } from "../agent/directory.ts";
import { fieldOf, parsedOf, type Sealed } from "../sealed.ts";
import type { Purpose, Waiting } from "./asks.ts";
import { OpenCall, type Opened } from "./call.ts";

export class Opener {
  readonly #agents: AgentDirectory;
  readonly #vocabulary: Vocabulary;
  /** One object per use and purpose; the vocabulary bounds how many there can be. */
  readonly #purposes = new Map<string, Purpose>();

  constructor(agents: AgentDirectory, vocabulary: Vocabulary) {
    this.#agents = agents;
    this.#vocabulary = vocabulary;
  }

  /** @throws StrongroomError `vocabulary.unknown-use`, `vocabulary.unknown-purpose`, with the nearest known id. */
  purpose(use: string, purpose: string): Purpose {
    const key = `${use}\n${purpose}`;
    let known = this.#purposes.get(key);
    if (known === undefined) {
      this.#vocabulary.require("use", use);
      this.#vocabulary.require("purpose", purpose);
      known = { use, purpose, key };
      this.#purposes.set(key, known);
    }
    return known;
  }

  /** Opens the values; each slot holds a value, a denial or a failure. `decode`: see `OpenCall`. */
  open(items: readonly Sealed[], purpose: Purpose, decode: boolean): Promise<readonly Opened[]> {
    const call = new OpenCall(items, decode);
    for (let slot = 0; slot < items.length; slot++) this.#begin(items[slot]!, purpose, call, slot);
    return call.done;
  }

  /** The agent of a value and the header to ask it with. @throws StrongroomError `seal.*`, `sdk.agent-not-pinned` */
  locate(item: Sealed): { agent: Agent; header: string } {
    const { header, headerText } = parsedOf(item);
    const expected = fieldOf(item)?.type;
    // Also checked on opening; here it spares a question that would be logged as a use.
    if (expected !== undefined && expected !== header.type) {
      throw new StrongroomError("seal.wrong-type", "the value was sealed as another type than the field declares", {
        details: { expectedType: expected, type: header.type },
      });
    }
    return { agent: this.#agents.located(header.locator), header: headerText };
  }

  /** The key of one object that is no text, such as a stream: raw bytes for the caller to wipe, or why not. */
  async key(header: SealedHeader, purpose: Purpose): Promise<Buffer | DenialReason> {
    const agent = this.#agents.located(header.locator);
    const text = encodeHeaderText(header);
    const kept = agent.kept.get(purpose.key, text);
    if (kept !== undefined) return kept.export();
    return await new Promise((resolve, reject) => {
      const call: Waiting = {
        accept: (_slot, key) => resolve(Buffer.isBuffer(key) ? Buffer.from(key) : key.export()),
        deny: (_slot, reason) => resolve(reason),
        fail: (_slot, error) => reject(error),
        handleOf: () => toBase64url(header.relationship),
      };
      agent.asks.add(purpose, text, call, 0);
    });
  }

  #begin(item: Sealed, purpose: Purpose, call: OpenCall, slot: number): void {
    let located: { agent: Agent; header: string };
    try {
      located = this.locate(item);
    } catch (error) {
      call.fail(slot, error as StrongroomError);
      return;
    }
    const { agent, header } = located;
    const kept = agent.kept.get(purpose.key, header);
    if (kept !== undefined) call.accept(slot, kept);
    else agent.asks.add(purpose, header, call, slot);
  }
}
