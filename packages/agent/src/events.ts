/**
 * Tells an application's open streams at once what ends its kept keys. Nothing is queued for those who are
 * away: a client that reconnects gets `hello` and forgets everything it kept.
 */
import type { ApplicationEvent } from "@strongroom/core/wire";

export type Listener = (event: ApplicationEvent) => void;

export class EventHub {
  readonly #listeners = new Map<string, Set<Listener>>();

  /** Events of one controller; returns how to stop. */
  listen(controller: string, listener: Listener): () => void {
    let listeners = this.#listeners.get(controller);
    if (listeners === undefined) this.#listeners.set(controller, (listeners = new Set()));
    listeners.add(listener);
    return () => this.#drop(controller, listener);
  }

  /** Never throws: what was committed is told to the others whatever one listener does. */
  publish(controller: string, event: ApplicationEvent): void {
    for (const listener of [...(this.#listeners.get(controller) ?? [])]) {
      try {
        listener(event);
      } catch {
        // A listener owns its stream: it ends the stream where it cannot write, and the client then asks again.
      }
    }
  }

  #drop(controller: string, listener: Listener): void {
    const listeners = this.#listeners.get(controller);
    if (listeners?.delete(listener) === true && listeners.size === 0) this.#listeners.delete(controller);
  }
}
