/** Steps of a factor e. Neighbouring bytes are 3 % apart, and 256 of them reach down to 0.00035. */
const stepsPerNat = 32;

/** The byte of a chance above 0 and at most 1: the more likely, the smaller. */
export function encodeChance(chance: number): number {
  return Math.min(255, Math.round(Math.log(1 / chance) * stepsPerNat));
}

/** Above 0 and at most 1, whatever the byte. */
export function decodeChance(byte: number): number {
  return Math.exp(-byte / stepsPerNat);
}
