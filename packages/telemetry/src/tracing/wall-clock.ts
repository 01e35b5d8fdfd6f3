/** Further off than reading two clocks one after the other explains: somebody has set the clock. */
const toleranceMs = 2;

/**
 * Milliseconds since 1970 with their fractions, which `Date.now` does not have: a step of a small model
 * is over in one or two. Follows the system's clock when it is set, as after a laptop's sleep.
 */
export function createWallClock(
  dateNow: () => number = Date.now,
  monotonicNow: () => number = () => performance.now(),
): () => number {
  let offset = Number.NaN;
  return () => {
    const [date, monotonic] = [dateNow(), monotonicNow()];
    if (!(Math.abs(monotonic + offset - date) <= toleranceMs)) offset = date - monotonic;
    return monotonic + offset;
  };
}
