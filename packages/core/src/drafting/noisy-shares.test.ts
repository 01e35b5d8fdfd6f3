import fc from "fast-check";
import { expect, test } from "vitest";
import { createRandomness } from "../sampling/randomness.ts";
import { sharedNoiseKey } from "../verification/shared-noise.ts";
import { underNoise } from "./noisy-shares.ts";

const shares = fc.uniqueArray(
  fc.record({ tokenId: fc.nat(50), weight: fc.integer({ min: 1, max: 9 }) }),
  {
    selector: ({ tokenId }) => tokenId,
    ...{ minLength: 1, maxLength: 8 },
  },
);

test("the likeliest is what the target would take if the shares were its own, and all sum to less than 1", () => {
  fc.assert(
    fc.property(shares, fc.nat(1000), fc.nat(99), (weights, seed, position) => {
      const sum = weights.reduce((total, { weight }) => total + weight, 1);
      const candidates = weights.map(({ tokenId, weight }) => ({ tokenId, chance: weight / sum }));
      const noisy = underNoise(candidates, position, { seed, isGreedy: false });
      const distribution = {
        tokenIds: Int32Array.from(candidates, ({ tokenId }) => tokenId),
        logits: Float64Array.from(candidates, ({ chance }) => Math.log(chance)),
        ...{ inverseTemperature: 1, entropy: 0 },
      };
      const taken = createRandomness(seed).chooseToken(distribution, sharedNoiseKey({ position }));
      expect(noisy[0]?.tokenId).toBe(taken);
      expect(noisy.reduce((total, { chance }) => total + chance, 0)).toBeLessThan(1);
      expect(noisy.map(({ chance }) => chance)).toEqual(
        noisy.map(({ chance }) => chance).toSorted((a, b) => b - a),
      );
    }),
  );
});

test("at temperature 0 they are the table's own", () => {
  const candidates = [
    { tokenId: 3, chance: 0.2 },
    { tokenId: 4, chance: 0.5 },
  ];
  expect(underNoise(candidates, 9, { seed: 1, isGreedy: true })).toEqual(candidates.toReversed());
});
