/**
 * A store on a stage: a test sees each call and may hold it, fail it or do something in between. What the store does
 * is the store's own.
 */
import type { Store, WriteTx } from "../src/storage/store.ts";

export type Call = keyof Store;

export interface Held {
  /** The call has arrived and waits. */
  readonly reached: Promise<void>;
  /** Lets it go on. */
  release(): void;
}

type Hook = (call: Call, args: readonly unknown[]) => Promise<void> | void;

const nothing: Hook = () => undefined;

export class Stage {
  /** Before the store is asked. */
  before: Hook = nothing;
  /** After the store has answered, before the caller knows. */
  after: Hook = nothing;
  /** In a write, after its work and before its commit. What it throws undoes the write. */
  beforeCommit: (tx: WriteTx) => Promise<void> | void = () => undefined;
  /** How often each call was made. */
  readonly counts = new Map<Call, number>();

  /** The store behind this stage. */
  put(store: Store): Store {
    return new Proxy(store, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== "function" || name === "close")
          return typeof member === "function" ? member.bind(target) : member;
        return (...args: unknown[]) =>
          this.#call(name as Call, (given) => Reflect.apply(member, target, given) as Promise<unknown>, args);
      },
    });
  }

  /** Holds the next call of this name, before it is made or after it was. */
  hold(call: Call, when: "before" | "after" = "before"): Held {
    let arrived = (): void => undefined;
    let release = (): void => undefined;
    const reached = new Promise<void>((resolve) => (arrived = resolve));
    const released = new Promise<void>((resolve) => (release = resolve));
    const previous = this[when];
    let used = false;
    this[when] = async (name, args) => {
      await previous(name, args);
      if (name !== call || used) return;
      used = true;
      arrived();
      await released;
    };
    return { reached, release };
  }

  /** Makes the next write fail where it would commit. */
  failNextCommit(error: Error): void {
    this.beforeCommit = () => {
      this.beforeCommit = () => undefined;
      throw error;
    };
  }

  #call(name: Call, make: (args: unknown[]) => Promise<unknown>, args: unknown[]): Promise<unknown> {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    const watched = name === "write" || this.before !== nothing || this.after !== nothing;
    return watched ? this.#watchedCall(name, make, args) : make(args);
  }

  async #watchedCall(name: Call, make: (args: unknown[]) => Promise<unknown>, args: unknown[]): Promise<unknown> {
    await this.before(name, args);
    const result = await make(name === "write" ? [this.#watched(args[0] as Work)] : args);
    await this.after(name, args);
    return result;
  }

  #watched(work: Work): Work {
    return async (tx) => {
      const result = await work(tx);
      await this.beforeCommit(tx);
      return result;
    };
  }
}

type Work = (tx: WriteTx) => Promise<unknown>;
