import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandomness } from "../../sampling/randomness.ts";
import { Text } from "../../text/text.ts";
import { sharedNoiseKey } from "../../verification/shared-noise.ts";
import { createSuffixChances, type SuffixChances } from "./suffix-chances.ts";
import { SuffixDrafter, type SuffixDrafterOptions } from "./suffix-drafter.ts";
import { SuffixMemory } from "./suffix-memory.ts";
import { fibonacciWord, naiveFollows, randomWord, thueMorseWord } from "./suffix-texts.cases.ts";

/** As likely whatever is found: the path after the longest match wins. */
const indifferent: SuffixChances = { chanceOf: () => 0.9, observe: () => {} };

function drafterOf(text: Text, options: Partial<SuffixDrafterOptions> = {}): SuffixDrafter {
  const numPromptTokens = text.length;
  const defaults = { seed: 1, isGreedy: true, numPromptTokens, maxTokens: 1000, salt: 3 };
  return new SuffixDrafter(text, { ...defaults, chances: indifferent, ...options });
}

function draft(tokenIds: readonly number[], options: Partial<SuffixDrafterOptions> = {}): number[] {
  const drafter = drafterOf(new Text(tokenIds), options);
  return drafter.propose([], 16).map(({ tokenId }) => tokenId);
}

function memoryOf(...answers: readonly number[][]): SuffixMemory {
  const memory = new SuffixMemory(1000, 0);
  for (const answer of answers) memory.appendText(answer);
  return memory;
}

describe("what it drafts", () => {
  it("is what followed the text's end before, up to four times the length of the match", () => {
    expect(draft([5, 1, 2, 3, 4, 6, 7, 8, 9, 10, 5, 1, 2])).toEqual([
      ...[3, 4, 6, 7, 8, 9, 10, 5, 1, 2, 3, 4],
    ]);
    expect(draft([1, 2, 3])).toEqual([]);
  });

  it("goes on after a repetition's end", () => {
    expect(draft([1, 2, 1, 2, 1, 2])).toEqual(Array.from({ length: 16 }, (_, at) => 1 + (at % 2)));
  });

  it("follows draft tokens, too", () => {
    const drafter = drafterOf(new Text([1, 2, 3, 4, 9, 8]));
    expect(drafter.propose([1, 2], 1)).toEqual([{ tokenId: 3, chance: 0.9 }]);
    expect(drafter.propose([7], 1)).toEqual([]);
  });

  it("is the most frequent token at temperature 0, of several the latest", () => {
    expect(draft([1, 2, 1, 3, 1, 2, 1, 3, 1], { maxTokens: 100 })[0]).toBe(2);
    expect(draft([1, 2, 1, 2, 1, 3, 1])[0]).toBe(2);
    expect(draft([0, 1, 2, 9, 1, 3, 8, 1])[0]).toBe(3);
  });

  it("comes from past answers where the text has nothing like it, and never runs on into the next answer", () => {
    const past = memoryOf([7, 1, 2, 3], [4, 5]);
    expect(draft([9, 1], { past })).toEqual([2, 3]);
    expect(draft([1, 6, 1], { past })).toEqual([6, 1, 6, 1]);
    expect(draft([9, 3], { past })).toEqual([]);
  });

  it("is the target's choice from the counts, noise included, above temperature 0", () => {
    const tokens = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(tokens, fc.nat(1000), (tokenIds, seed) => {
        const [first] = draft(tokenIds, { seed, isGreedy: false });
        let follows = new Map<number, number>();
        for (let length = Math.min(31, tokenIds.length); length > 0 && follows.size === 0; length--)
          follows = naiveFollows(tokenIds, tokenIds.slice(-length));
        if (follows.size === 0) follows.set(-1, 1);
        const distribution = {
          tokenIds: Int32Array.from(follows.keys()),
          logits: Float64Array.from(follows.values(), Math.log),
          ...{ inverseTemperature: 1, entropy: 0 },
        };
        const key = sharedNoiseKey({ position: tokenIds.length });
        expect(first ?? -1).toBe(createRandomness(seed).chooseToken(distribution, key));
      }),
      { numRuns: 1000 },
    );
  });
});

it("learns by the length of the match how often it is right", () => {
  const chances = createSuffixChances(false);
  const text = new Text([1, 2, 3]);
  const drafter = drafterOf(text, { chances });
  for (let round = 0; round < 30; round++) for (const id of [1, 2, 3]) text.append(id);
  const [sure] = drafter.propose([], 1);
  expect(sure?.chance).toBeGreaterThan(0.9);
  for (const id of randomWord(400, 4)) text.append(id);
  const [unsure] = drafter.propose([], 1);
  expect(unsure?.chance).toBeLessThan(0.6);
});

it("reads a long prompt in several steps, and keeps the last half or more of what it may", () => {
  const prompt = randomWord(10_000, 1e6);
  const text = new Text([...prompt, ...prompt.slice(9000, 9003)]);
  const drafter = drafterOf(text, { maxTokens: 2000 });
  expect(drafter.propose([], 1)).toEqual([]);
  expect(drafter.propose([], 1)).toEqual([]);
  expect(drafter.propose([], 1)[0]?.tokenId).toBe(prompt[9003]);
  for (const tokenId of prompt.slice(0, 3)) text.append(tokenId);
  expect(drafter.propose([], 1)).toEqual([]);
});

it.each([
  ["one token repeated", Array<number>(2048).fill(5)],
  ["a Fibonacci word", fibonacciWord(2048)],
  ["a Thue-Morse word", thueMorseWord(2048)],
  ["random tokens", randomWord(2048, 2000)],
  ["random tokens of two kinds", randomWord(2048, 2)],
  ["one token before all others", randomWord(2048, 2000).map((id, at) => (at % 2 ? id : 0))],
])("follows a bounded number of paths for %s", (_, tokenIds) => {
  let numLooks = 0;
  const learnt = createSuffixChances(false);
  const chances: SuffixChances = {
    chanceOf: (evidence) => {
      numLooks++;
      return learnt.chanceOf(evidence);
    },
    observe: (...seen) => learnt.observe(...seen),
  };
  const text = new Text(tokenIds.slice(0, 1));
  const drafter = drafterOf(text, {
    chances,
    isGreedy: false,
    maxTokens: 16_384,
    past: memoryOf(tokenIds),
  });
  for (const tokenId of tokenIds.slice(1)) {
    text.append(tokenId);
    drafter.propose([], 16);
  }
  expect(numLooks / tokenIds.length).toBeLessThan(150);
});
