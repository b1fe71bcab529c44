/**
 * What an agent tells us unasked: revocations and answers to consent requests, as server-sent events.
 *
 * Kept keys are used only while this stream is live. It is live from its `hello` on, until it ends or says
 * nothing (not even a comment) for `SILENCE_MS`: a client that cannot hear keeps nothing.
 */
import { fromBase64url } from "@strongroom/core/bytes";
import type { ApplicationEvent, ConsentState } from "@strongroom/core/wire";
import { backoffMs } from "./backoff.ts";
import type { Channel } from "./channel.ts";
import { Deadline } from "./deadline.ts";

/** The worst case from a revocation to the last use of a kept key, where a connection dies without a word. */
export const SILENCE_MS = 30_000;
const BACKOFF_MS = 250;
const BACKOFF_MS_MAX = 30_000;
/** Longest event, characters: a handful of short fields. */
const EVENT_CHARS_MAX = 16_384;
const HANDLE_BYTES = 16;
const STATES: readonly ConsentState[] = ["pending", "granted", "refused", "expired", "withdrawn"];

export interface EventListener {
  onEvent(event: ApplicationEvent): void;
  /** The stream ended or never came: what was kept must be forgotten. */
  onDeaf(): void;
}

export class EventStream {
  readonly #channel: Channel;
  readonly #deadlineMs: number;
  readonly #listener: EventListener;
  readonly #stop = new AbortController();
  #started = false;
  #live = false;

  constructor(channel: Channel, deadlineMs: number, listener: EventListener) {
    this.#channel = channel;
    this.#deadlineMs = deadlineMs;
    this.#listener = listener;
  }

  get live(): boolean {
    return this.#live;
  }

  /** Begins to listen, at the first thing that is worth forgetting. Calling it again does nothing. */
  start(): void {
    if (this.#started || this.#stop.signal.aborted) return;
    this.#started = true;
    void this.#run();
  }

  stop(): void {
    this.#live = false;
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      const heard = await this.#listen();
      if (this.#live || heard) this.#listener.onDeaf();
      this.#live = false;
      failures = heard ? 0 : failures + 1;
      await this.#pause(backoffMs(failures + 1, BACKOFF_MS, BACKOFF_MS_MAX));
    }
  }

  /** One connection until it ends; true when anything was heard. */
  async #listen(): Promise<boolean> {
    let heard = false;
    const deadline = new Deadline(this.#deadlineMs);
    try {
      const body = await this.#channel.stream("/v1/events", SILENCE_MS, this.#stop.signal, deadline);
      for await (const event of readEvents(body)) {
        heard = true;
        if (event.event === "hello") this.#live = true;
        this.#listener.onEvent(event);
      }
    } catch {
      // Whatever it was: deaf until the next try. Requests of the caller report what is wrong with the agent.
    } finally {
      deadline.clear();
    }
    return heard;
  }

  async #pause(ms: number): Promise<void> {
    if (this.#stop.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      timer.unref();
      this.#stop.signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }
}

/** Events of a stream (HTML standard, section 9.2). What is no event of ours is passed over. */
export async function* readEvents(body: AsyncIterable<Buffer>): AsyncGenerator<ApplicationEvent> {
  const decoder = new TextDecoder();
  let pending = "";
  let data = "";
  for await (const bytes of body) {
    pending += decoder.decode(bytes, { stream: true });
    const lines = pending.split(/\r\n|\n|\r(?!$)/);
    pending = lines.pop()!;
    if (pending.length + data.length > EVENT_CHARS_MAX) throw new Error("event too long");
    for (const line of lines) {
      if (line.startsWith("data:")) data += line.slice(line[5] === " " ? 6 : 5);
      if (data.length > EVENT_CHARS_MAX) throw new Error("event too long");
      if (line !== "" || data === "") continue;
      const event = readEvent(data);
      data = "";
      if (event !== null) yield event;
    }
  }
}

function readEvent(data: string): ApplicationEvent | null {
  const value = JSON.parse(data) as Record<string, unknown> | null;
  const { event, at, handle, id, state } = value ?? {};
  if (typeof at === "number") {
    if (event === "hello") return { event, at };
    if (event === "revoked" && isHandle(handle)) return { event, handle, at };
    if (event === "consent" && typeof id === "string" && STATES.includes(state as ConsentState)) {
      return { event, id, state: state as ConsentState, at };
    }
  }
  // An event of a later release is passed over. What we know and cannot read may have been a revocation:
  // the stream is begun anew, and its hello forgets everything.
  if (event === "hello" || event === "revoked" || event === "consent") throw new Error("event has another form");
  return null;
}

function isHandle(value: unknown): value is string {
  if (typeof value !== "string") return false;
  try {
    return fromBase64url(value).length === HANDLE_BYTES;
  } catch {
    return false;
  }
}
