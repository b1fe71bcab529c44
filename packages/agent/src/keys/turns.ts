/**
 * One change at a time of a subject's key tree: whoever rewraps keys must not meet another who does.
 * (Of several agent processes the store's guards decide; this only spares them the collision.)
 */
export class SubjectTurns {
  readonly #tails = new Map<string, Promise<unknown>>();

  async run<Result>(subject: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#tails.get(subject) ?? Promise.resolve();
    const turn = before.then(work, work);
    const tail = turn.catch(() => undefined);
    this.#tails.set(subject, tail);
    try {
      return await turn;
    } finally {
      if (this.#tails.get(subject) === tail) this.#tails.delete(subject);
    }
  }
}
