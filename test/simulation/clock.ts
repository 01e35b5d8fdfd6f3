/** Virtual time: what is due next happens next, and the same seed gives the same order. */
export class Clock {
  readonly #due: { readonly at: number; readonly order: number; readonly run: () => void }[] = [];
  #numScheduled = 0;
  /** Milliseconds. */
  now = 0;

  /** @returns a function that takes it back */
  after(ms: number, run: () => void): () => void {
    const entry = { at: this.now + ms, order: this.#numScheduled++, run };
    this.#due.push(entry);
    return () => {
      const index = this.#due.indexOf(entry);
      if (index >= 0) this.#due.splice(index, 1);
    };
  }

  /** Runs until nothing is due or `untilMs` have passed. @returns whether nothing is due any more */
  run(untilMs: number): boolean {
    for (;;) {
      let next = 0;
      for (let index = 1; index < this.#due.length; index++) {
        const [a, b] = [this.#due[index], this.#due[next]];
        if (a && b && (a.at < b.at || (a.at === b.at && a.order < b.order))) next = index;
      }
      const [entry] = this.#due.splice(next, 1);
      if (entry === undefined) return true;
      if (entry.at > untilMs) return false;
      this.now = entry.at;
      entry.run();
    }
  }
}
