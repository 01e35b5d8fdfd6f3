import { setTimeout } from "node:timers/promises";

/**
 * Asks again and again until a condition holds.
 *
 * @param what - is named in the error, as in "every node knows the others"
 * @throws Error when it has not come about in time
 */
export async function waitUntil(
  what: string,
  holds: () => Promise<boolean>,
  timeoutMs = 20_000,
): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await setTimeout(25);
  }
}
