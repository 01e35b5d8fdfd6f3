import { expect } from "vitest";

/**
 * Seconds that each attack lasts in the soak tier, which is run by hand on a quiet machine: there others
 * may wait 500 ms longer than alone. Unset or 0: an attack lasts a few texts, and no time is looked at.
 */
const { ADAEDL_SOAK_SECONDS = "0" } = process.env;
export const soakSeconds = Number(ADAEDL_SOAK_SECONDS);
const mostAddedMs = 500;

/** In the soak tier, says how long others waited at most under an attack, beyond what they do alone. */
export function expectShortWait(attack: string, addedMs: number): void {
  if (soakSeconds === 0) return;
  process.stdout.write(`${attack}: others wait ${addedMs.toFixed(0)} ms longer at most\n`);
  expect(addedMs).toBeLessThan(mostAddedMs);
}
