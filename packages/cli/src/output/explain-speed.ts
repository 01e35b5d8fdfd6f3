import type { Generation } from "../generation.ts";

/** What one way to decode a text took. */
export interface MeasuredRun {
  readonly numTokens: number;
  readonly numRounds: number;
  readonly numTargetForwards: number;
  readonly durationMs: number;
  /** Of which in forwards of the target. */
  readonly forwardsMs: number;
}

export function measuredRun({ tokenIds, finished }: Generation): MeasuredRun {
  const { numRounds, durationMs, verifyMs } = finished.statistics;
  return {
    numTokens: tokenIds.length,
    numRounds,
    numTargetForwards: finished.numTargetForwards,
    durationMs,
    forwardsMs: verifyMs,
  };
}

/** Says which of two ways was faster and why, and from which target on it is the other way round. */
export function explainSpeed(
  policy: string,
  drafted: MeasuredRun,
  plain: MeasuredRun,
): readonly string[] {
  const passes = `${policy} took ${drafted.numTargetForwards} passes of the target instead of ${plain.numTargetForwards}`;
  if (drafted.durationMs < plain.durationMs)
    return [`${passes}, and was faster, although each draft waits for a round trip.`];
  const passMs = (plain.forwardsMs / plain.numTargetForwards).toFixed(1);
  const lines = [
    `${passes}, but was slower here: a pass of this small target takes ${passMs} ms,`,
    "which is less than each draft pays for its round trip. Without drafts the text streams in one.",
  ];
  const paysFromMs = breakEvenMs(drafted);
  if (paysFromMs !== undefined)
    lines.push(
      `On this network ${policy} would be ahead from about ${Math.ceil(paysFromMs)} ms a pass on, as big targets take.`,
    );
  return lines;
}

/**
 * The time of a forward at which (other + forward) / (tokens a round), with drafts, equals forward, which a
 * token takes without. Verifying a few tokens is taken to cost as much as decoding one.
 */
function breakEvenMs({ numTokens, numRounds, durationMs, forwardsMs }: MeasuredRun) {
  const gain = numTokens / numRounds - 1;
  return gain > 0 ? (durationMs - forwardsMs) / numRounds / gain : undefined;
}
