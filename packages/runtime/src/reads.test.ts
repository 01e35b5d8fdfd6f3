import {
  adjust,
  adjustForRanking,
  createRandomness,
  entropyOf,
  type Guess,
  guessEvidence,
  type ModelPlace,
  placeEvidence,
  rowFromLogits,
  type SamplingParams,
  verificationRule,
  verificationRuleNames,
} from "@adaedl/core";
import { describe, expect, test } from "vitest";
import type { RowRead, SlotSettings } from "./messages.ts";
import {
  evidenceNear,
  freshLogits,
  open,
  randomTokens,
  rowsOf,
  sampled,
  stepOf,
  writeTiny,
} from "./open-thread.cases.ts";

const directory = writeTiny({ architecture: "qwen2", contextLength: 64 });
const thread = await open({ directory });
const tokenIds = randomTokens(3, 48);
const numPromptTokens = 10;
const roundStart = 12;
const logits = await freshLogits(thread, tokenIds);

const truncations: Partial<SamplingParams>[] = [
  {},
  { topK: 1 },
  { topK: 5 },
  { topK: 64 },
  { topK: 100 },
  { topP: 0.8 },
  { minP: 0.1 },
  { topK: 20, topP: 0.9, minP: 0.02 },
];
const penalties: Partial<SamplingParams>[] = [
  {},
  { repetitionPenalty: 1.3 },
  { presencePenalty: 0.6, frequencyPenalty: 0.4 },
  {
    logitBias: new Map([
      [17, 4],
      [200, -100],
    ]),
  },
];

describe.each(verificationRuleNames)("%s", (verification) => {
  describe.each([0, 0.7, 1.3])("temperature %d", (temperature) => {
    test.each(truncations)(
      "%j with any penalty: what core makes of the logits",
      async (truncation) => {
        for (const penalty of penalties) {
          const sampling = { ...sampled.sampling, temperature, ...truncation, ...penalty };
          const settings = { ...sampled, seed: 11, numPromptTokens, verification, sampling };
          const expected = expectedRows(settings);

          const guesses = await readAll(settings, (index) => ({ kind: "guess", index }));
          expect(guesses).toEqual(
            expected.map(({ guess, evidence }) => ({
              kind: "guess",
              guess,
              evidence: evidenceNear(evidence, 4),
            })),
          );
          const places = await readAll(settings, (index) => ({ kind: "propose", index, count: 3 }));
          expect(places).toEqual(
            expected.map(({ place }) => ({ kind: "propose", place: placeNear(place, 4) })),
          );
          const judgements = await readAll(settings, (index) => {
            const guess = expected[index]?.guessToJudge;
            return guess === undefined ? { kind: "judge", index } : { kind: "judge", index, guess };
          });
          expect(judgements).toEqual(
            expected.map(({ judgement }) => ({ kind: "judge", judgement })),
          );
        }
      },
    );
  });
});

test("some guesses are accepted and some are not, by either rule", () => {
  for (const verification of verificationRuleNames) {
    const rows = expectedRows({ ...sampled, seed: 11, numPromptTokens, verification });
    const numAccepted = rows.filter(({ judgement }) => judgement.isAccepted).length;
    expect(numAccepted).toBeGreaterThan(5);
    expect(numAccepted).toBeLessThan(40);
  }
});

test("the entropy of a whole distribution is that of its logits, at temperature 0 that of 1", async () => {
  for (const temperature of [0, 0.2, 0.7, 1, 1.3, 5]) {
    const settings = { ...sampled, sampling: { ...sampled.sampling, temperature } };
    const rows = await readAll(settings, (index) => ({ kind: "guess", index }));
    const entropies = rows.map((row) => (row.kind === "guess" ? row.evidence.entropy : Number.NaN));
    const expected = logits.map((row) => entropyOf(row, 1 / (temperature || 1)));
    expect(entropies).toEqual(expected.map((entropy) => expect.closeTo(entropy, 5)));
  }
});

describe("candidates", () => {
  const cases = [{}, { temperature: 0 }, { temperature: 0, presencePenalty: 0.5 }, { topK: 5 }];

  test.each(cases)(
    "with %j begin with the guess and are tokens that both models have",
    async (change) => {
      const sampling = { ...sampled.sampling, ...change };
      const settings = { ...sampled, sampling, sharedTokens: { numSame: 150 } };
      const places = await readAll(settings, (index) => ({ kind: "propose", index, count: 4 }));
      const guesses = await readAll(settings, (index) => ({ kind: "guess", index }));
      let numGuesses = 0;
      for (const [index, read] of places.entries()) {
        if (read.kind !== "propose") throw new Error(`a read of kind ${read.kind}`);
        const { candidates } = read.place;
        const tokenIds = candidates.map(({ tokenId }) => tokenId);
        expect(tokenIds.every((tokenId) => tokenId < 150)).toBe(true);
        expect(new Set(tokenIds).size).toBe(tokenIds.length);
        const guess = guesses[index];
        if (guess?.kind !== "guess") continue; // at temperature 0 the best one is not shared
        numGuesses++;
        expect(tokenIds[0]).toBe(guess.guess.tokenId);
        // At temperature 0 a guess compares itself with tokens that are not shared too.
        if (sampling.temperature > 0) expect(candidates[1]?.behind).toBe(guess.evidence.margin);
        expect(candidates[0]?.prob).toBe(guess.evidence.guessProb);
      }
      expect(numGuesses).toBeGreaterThan(10);
    },
  );

  test("are none where the target has no token that would be drafted", async () => {
    const settings = { ...sampled, sampling: { ...sampled.sampling, topK: 1 } };
    const [whole] = await readAll(settings, (index) => ({ kind: "propose", index, count: 3 }));
    if (whole?.kind !== "propose") throw new Error("nothing was proposed");
    const [best] = whole.place.candidates;
    expect(whole.place.candidates).toHaveLength(1);
    const limited = { ...settings, sharedTokens: { numSame: best?.tokenId ?? 0 } };
    const [none] = await readAll(limited, (index) => ({ kind: "propose", index, count: 3 }));
    expect(none).toEqual({ kind: "propose", place: { ...whole.place, candidates: [] } });
  });
});

test("a batch-mate that wants more of the graph changes nothing", async () => {
  const heads = [{ temperature: 0 }, { topK: 7 }];
  for (const sampling of heads) {
    const settings = { ...sampled, sampling: { ...sampled.sampling, ...sampling } };
    const readOf = (index: number): RowRead =>
      index % 2 === 0 ? { kind: "guess", index } : { kind: "propose", index, count: 3 };
    const reads = tokenIds.map((_, index) => readOf(index));
    const alone = await readAll(settings, readOf);
    const [slotId, mate] = [await thread.openSlot(settings), await thread.openSlot(sampled)];
    const [result] = await thread.forward([
      stepOf(slotId, [], tokenIds, reads),
      stepOf(mate, [], tokenIds.slice(5)),
    ]);
    expect(rowsOf(result)).toEqual(alone);
  }
});

test("logits that were read are the reader's own", async () => {
  const slotId = await thread.openSlot(sampled);
  const [result] = await thread.forward([stepOf(slotId, [], tokenIds)]);
  const buffers = rowsOf(result).map((row) => (row.kind === "logits" ? row.logits.buffer : null));
  expect(new Set(buffers).size).toBe(tokenIds.length);
});

/** Reads every row of the text, in two steps. */
async function readAll(settings: SlotSettings, readOf: (index: number) => RowRead) {
  const slotId = await thread.openSlot(settings);
  const cut = 17;
  const rows = [];
  for (const [begin, end] of [
    [0, cut],
    [cut, tokenIds.length],
  ] as const) {
    const piece = tokenIds.slice(begin, end);
    const reads = piece.map((_, index) => ({ ...readOf(begin + index), index }));
    const step = { ...stepOf(slotId, tokenIds.slice(0, begin), piece, reads), roundStart };
    rows.push(...rowsOf((await thread.forward([step]))[0]));
  }
  await thread.closeSlot(slotId);
  return rows;
}

/** The same from the logits alone, by the rules of core. */
function expectedRows(settings: SlotSettings) {
  const rule = verificationRule(settings.verification);
  const random = createRandomness(settings.seed);
  return logits.map((row, index) => {
    const place = { position: index + 1, roundStart };
    const history = { tokenIds, length: index + 1, numPromptTokens };
    const distribution = adjust(rowFromLogits(row), settings.sampling, history);
    const { margin, ...guess } = rule.guess(distribution, place, random);
    const evidence = guessEvidence(distribution, guess.tokenId, margin);
    // In turn: what this model would guess, what its neighbour would, and no guess at all.
    const other = adjust(
      rowFromLogits(logits[(index + 1) % logits.length] ?? row),
      settings.sampling,
      history,
    );
    const options: (Guess | undefined)[] = [guess, rule.guess(other, place, random), undefined];
    const guessToJudge = options[index % 3];
    const judgement = rule.judge(distribution, guessToJudge, place, random);
    const ranked = adjustForRanking(rowFromLogits(row), settings.sampling, history);
    const proposed = placeEvidence(ranked, rule.propose(ranked, place, random, 3));
    return { guess, evidence, place: proposed, guessToJudge, judgement };
  });
}

/** Evidence of the same place, computed elsewhere in an order of its own. */
function placeNear({ entropy, topProb, candidates }: ModelPlace, numDigits: number) {
  const near = (value: number) => expect.closeTo(value, numDigits);
  return {
    entropy: near(entropy),
    topProb: near(topProb),
    candidates: candidates.map(({ prob, behind, ...guess }) => ({
      ...guess,
      prob: near(prob),
      ...(behind === undefined ? {} : { behind: near(behind) }),
    })),
  };
}
