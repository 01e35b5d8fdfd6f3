/** What a target holds of a text at most: four times what an edge may have in flight. */
const mostDraftTokens = 1024;

/**
 * How many draft tokens a session has sent since its last commit. Once they are as many as a target holds,
 * nothing more is read until it commits: the client's writes wait, and its lies cost nobody else's time.
 */
export class UnreadOffers {
  #numDraftTokens = 0;
  #wake = () => {};

  offered(numDraftTokens: number): void {
    this.#numDraftTokens += numDraftTokens;
  }

  committed(): void {
    this.#numDraftTokens = 0;
    this.#wake();
  }

  /** Resolves when the next message may be read, or when the signal aborts. */
  async hasRoom(signal: AbortSignal): Promise<void> {
    if (this.#numDraftTokens < mostDraftTokens || signal.aborted) return;
    let onAbort = () => {};
    await new Promise<void>((resolve) => {
      onAbort = resolve;
      this.#wake = resolve;
      signal.addEventListener("abort", onAbort);
    });
    signal.removeEventListener("abort", onAbort);
  }
}
