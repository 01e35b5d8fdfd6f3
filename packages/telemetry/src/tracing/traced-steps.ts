/**
 * Whether a text's step, which is one commit, has spans of its own: the first ones have, and then fewer and
 * fewer, whose numbers have only zeros after their first two binary digits (4, 6, 8, 12, 16, …). A
 * long answer has thousands of steps, which are much alike, and whoever stores traces or draws them
 * puts a limit to one's size: 8 000 of them have 26 spans. What they all came to is on the request's span.
 * @param number of the step within its session, from 0
 */
export function isStepTraced(number: number): boolean {
  const numZeros = Math.max(0, 30 - Math.clz32(number));
  return (number >>> numZeros) << numZeros === number;
}
