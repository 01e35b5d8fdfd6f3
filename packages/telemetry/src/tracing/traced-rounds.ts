/** Of these there is a span for each. */
const numFirst = 4;
/** And for one in so many of the others. */
const everyNth = 16;

/**
 * Whether a commit has spans of its own. A long answer has thousands of commits, which are much alike after
 * the first few, and whoever stores traces or draws them puts a limit to one's size. What all commits came
 * to is on the request's span.
 * @param round number within its session, from 0
 */
export function isRoundTraced(round: number): boolean {
  return round < numFirst || round % everyNth === 0;
}
