/** Messages that wait for the one who iterates over them. Whoever sends bounds how many there are. */
export class Outbox<Message> implements AsyncIterable<Message> {
  readonly #messages: Message[] = [];
  #end: { readonly error: unknown } | undefined;
  #wake: () => void = () => {};
  readonly #onTaken: () => void;

  /** @param onTaken called when a message was taken */
  constructor(onTaken: () => void = () => {}) {
    this.#onTaken = onTaken;
  }

  /** Messages that were not taken yet. */
  get size(): number {
    return this.#messages.length;
  }

  /** Does nothing after the end. */
  push(message: Message): void {
    if (this.#end !== undefined) return;
    this.#messages.push(message);
    this.#wake();
  }

  /** What was sent before is still read; then the iteration ends, or throws `error`. */
  end(error?: unknown): void {
    this.#end ??= { error };
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Message, void> {
    for (;;) {
      for (let message = this.#messages.shift(); message !== undefined; ) {
        this.#onTaken();
        yield message;
        message = this.#messages.shift();
      }
      if (this.#end !== undefined) break;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#end.error !== undefined) throw this.#end.error;
  }
}
