import { createTestRandom } from "@adaedl/testing";
import { describe, expect, test } from "vitest";
import { bestByScore } from "./gumbel-max.ts";
import { createNoise, type Noise } from "./noise.ts";
import { scanEveryToken } from "./scan-every-token.cases.ts";
import { topTokenIds } from "./top-tokens.ts";

/** Noise of given words, one for each token; of further tokens 0. */
function noiseOf(words: readonly number[]): Noise {
  const word = (tokenId: number) => words[tokenId] ?? 0;
  return {
    word,
    uniform: (tokenId) => (word(tokenId) * 2 ** 20 + 2 ** 19 + 0.5) / 2 ** 52,
    idsFrom(leastWord, numIds) {
      const ids: number[] = [];
      for (let id = 0; id < numIds; id++) if (word(id) >= leastWord) ids.push(id);
      return ids;
    },
  };
}

/** The scores of these tokens, sorted: of equal ones the lower index is first. */
function rankAll(logits: Float32Array, inverseTemperature: number, noise: Noise) {
  return Array.from(logits, (logit, index) => {
    const score = logit * inverseTemperature - Math.log(-Math.log(noise.uniform(index)));
    return { index, score };
  }).sort((a, b) => b.score - a.score || a.index - b.index);
}

describe("all words of a small vocabulary", () => {
  /** The least, some between, the largest, and those about which 3, 10 and 20 nats are made up for. */
  const words = [
    0,
    2 ** 30,
    2 ** 31,
    ...[3, 10, 20].map((nats) => Math.floor(Math.exp(-Math.exp(-nats)) * 2 ** 32)),
    2 ** 32 - 1,
  ];
  const numTokens = 4;
  const assignments = Array.from({ length: words.length ** numTokens }, (_, number) =>
    Array.from({ length: numTokens }, (_, token) => {
      return words[Math.floor(number / words.length ** token) % words.length] as number;
    }),
  );

  test.each([
    [[0, 0, 0, 0]],
    [[0, 3, 3, 0]],
    [[3, 0, -3, 0.5]],
    [[-10, 0, -10, -9.9]],
    [[0, -20, -22, -10]],
    [[-60, -20, 0, -21]],
    [[1e9, -1e9, 0, 1e9]],
    [[Number.NEGATIVE_INFINITY, 1, Number.NEGATIVE_INFINITY, -3]],
  ])("with logits %j: the ranking of all scores, whatever the head", (values) => {
    const possibleLogits = Float32Array.from(values);
    // Further tokens, which cannot win: of a few tokens all are scored.
    const logits = new Float32Array(65).fill(Number.NEGATIVE_INFINITY);
    logits.set(possibleLogits);
    for (const inverseTemperature of [1, 1 / 0.3])
      for (let numInHead = 1; numInHead <= numTokens; numInHead++) {
        const head = Int32Array.from(topTokenIds(logits, numInHead));
        const distribution = { logits, inverseTemperature, entropy: 0, head };
        for (const assignment of assignments) {
          const noise = noiseOf(assignment);
          const expected = rankAll(possibleLogits, inverseTemperature, noise);
          for (const count of [1, 2, 3]) {
            const possible = expected.slice(0, count).filter(({ score }) => score > -Infinity);
            const actual = bestByScore(distribution, noise, count);
            // Compared by hand: 300 000 rankings.
            const isSame =
              actual.length === possible.length &&
              actual.every(({ index, score }, rank) => {
                return index === possible[rank]?.index && score === possible[rank]?.score;
              });
            if (!isSame) expect({ assignment, numInHead, actual }).toEqual({ possible });
          }
        }
      }
  });
});

// A million draws in all.
test.each([0.3, 0.7, 1, 1.5])(
  "draws at temperature %d equal a scan of every token",
  (temperature) => {
    const random = createTestRandom(19);
    const numDistributions = 100;
    let numBeyondHead = 0;
    for (let number = 0; number < numDistributions; number++) {
      const logits = Float32Array.from({ length: 65 + random.integer(40) }, () => {
        return random.normal() * (1 + (number % 5));
      });
      const head = Int32Array.from(topTokenIds(logits, 1 + random.integer(16)));
      const distribution = { logits, inverseTemperature: 1 / temperature, entropy: 0, head };
      for (let position = 0; position < 2_500; position++) {
        const noise = createNoise(number, { purpose: "token", position, roundStart: 0 });
        const [{ index }] = bestByScore(distribution, noise, 1);
        if (!head.includes(index)) numBeyondHead++;
        if (index !== scanEveryToken(distribution, noise))
          expect.unreachable(`distribution ${number}, position ${position}`);
      }
    }
    expect(numBeyondHead).toBeGreaterThan(10_000);
  },
);

test("looks at a handful of a large vocabulary's logits", () => {
  const numTokens = 150_000;
  const ranked = Float32Array.from({ length: numTokens }, (_, rank) => -2 * Math.log(rank + 1));
  let numLooks = 0;
  const logits = new Proxy(ranked, {
    get(target, key) {
      if (typeof key === "string" && /^\d+$/.test(key)) numLooks++;
      return Reflect.get(target, key, target);
    },
  });
  const head = Int32Array.from({ length: 64 }, (_, index) => index);
  const distribution = { logits, inverseTemperature: 1, entropy: 0, head };
  for (let position = 0; position < 50; position++)
    bestByScore(distribution, createNoise(1, { purpose: "token", position, roundStart: 0 }), 1);
  // The head, and of the others as many as e^-distance says: 150 000 at 8.9 nats are some 20.
  expect(numLooks / 50).toBeLessThan(64 + 100);
});
