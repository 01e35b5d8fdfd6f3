/** Weight of the past. */
const memory = 127 / 128;
/** Cases that are imagined before any was seen. */
const imagined = 3;

/** How often something of each kind was right, learnt from one case after the other: older ones count less. */
export class HitRates {
  readonly #trials: Float64Array;
  readonly #hits: Float64Array;

  /** @param numKinds kinds are 0 to this less 1 */
  constructor(numKinds: number) {
    this.#trials = new Float64Array(numKinds);
    this.#hits = new Float64Array(numKinds);
  }

  /**
   * @param prior what is expected of a kind that was never seen: above 0 and below 1
   * @returns above 0 and below 1
   */
  rateOf(kind: number, prior: number): number {
    this.#imagine(kind, prior);
    return (this.#hits[kind] as number) / (this.#trials[kind] as number);
  }

  /** @param prior see `rateOf` */
  observe(kind: number, prior: number, isRight: boolean): void {
    this.#imagine(kind, prior);
    this.#trials[kind] = memory * (this.#trials[kind] as number) + 1;
    this.#hits[kind] = memory * (this.#hits[kind] as number) + (isRight ? 1 : 0);
  }

  #imagine(kind: number, prior: number): void {
    if (this.#trials[kind] !== 0) return;
    this.#trials[kind] = imagined;
    this.#hits[kind] = imagined * prior;
  }
}
