/** One step, as it begins. */
export interface StepReport {
  readonly numTokens: number;
  readonly numSlots: number;
  /** Draft tokens to verify, of all texts; 0 where none was there. */
  readonly numDraftTokens: number;
  /** How long it was held back for draft tokens that were expected, in milliseconds. */
  readonly heldBackMs: number;
  /** Texts left waiting. */
  readonly numWaiting: number;
  /** How long each of its texts has waited, in milliseconds. */
  readonly queueMs: readonly number[];
}
