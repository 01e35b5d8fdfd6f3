/**
 * When requests come that do not wait for each other: a Poisson process, as the clients of a public
 * service are.
 * @param perSecond on average
 * @param windowMs how long they come
 * @param random uniform in [0, 1)
 * @returns milliseconds from the beginning, ascending
 */
export function poissonArrivals(
  perSecond: number,
  windowMs: number,
  random: () => number = Math.random,
): number[] {
  const arrivals: number[] = [];
  const next = (at: number) => at - (Math.log(1 - random()) * 1_000) / perSecond;
  for (let at = next(0); at < windowMs; at = next(at)) arrivals.push(at);
  return arrivals;
}
