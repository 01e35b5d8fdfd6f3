import { type SamplingParams, topTokenIds, verificationRuleNames } from "@adaedl/core";
import { expect, test } from "vitest";
import type { RowRead, RowResult, SlotSettings } from "./messages.ts";
import {
  freshLogits,
  open,
  randomTokens,
  rowsOf,
  sampled,
  stepOf,
  writeTiny,
} from "./open-thread.cases.ts";

const thread = await open({ directory: writeTiny({ architecture: "qwen3", contextLength: 64 }) });
const tokenIds = randomTokens(4, 40);
const logits = await freshLogits(thread, tokenIds);

/** ln softmax(logits)[tokenId], in double precision. */
function expectedLogprob(row: Float32Array, tokenId: number): number {
  const values = Float64Array.from(row);
  const peak = Math.max(...values);
  const sum = values.reduce((total, value) => total + Math.exp(value - peak), 0);
  return (values[tokenId] as number) - peak - Math.log(sum);
}

/** Judges every position; at every other one there is a guess, a right or a wrong one in turn. */
async function judgeAll(settings: SlotSettings): Promise<readonly RowResult[]> {
  const slotId = await thread.openSlot(settings);
  const reads = tokenIds.map((_, index): RowRead => {
    const guess = { tokenId: index % 4 === 0 ? 7 : argmax(logits[index] as Float32Array) };
    return index % 2 === 0 ? { kind: "judge", index, guess } : { kind: "judge", index };
  });
  const [result] = await thread.forward([stepOf(slotId, [], tokenIds, reads)]);
  await thread.closeSlot(slotId);
  return rowsOf(result);
}

function argmax(row: Float32Array): number {
  return row.reduce((best, value, id) => (value > (row[best] as number) ? id : best), 0);
}

const samplings: Partial<SamplingParams>[] = [
  {},
  { temperature: 0 },
  { temperature: 0.7 },
  { temperature: 1.5, topK: 5 },
  { topK: 64, topP: 0.8 },
  { temperature: 0.7, minP: 0.2 },
  { repetitionPenalty: 1.4, presencePenalty: 0.5, logitBias: new Map([[9, 20]]) },
];

test.each(
  verificationRuleNames.flatMap((rule) => samplings.map((sampling) => [rule, sampling] as const)),
)("%s, %o: the target's own log-probability of the token, at temperature 1", async (rule, part) => {
  const sampling = { ...sampled.sampling, ...part };
  const settings = { ...sampled, sampling, verification: rule };
  const rows = await judgeAll({ ...settings, wantsLogprobs: true });
  const tokens = new Set<number>();
  for (const [index, row] of rows.entries()) {
    if (row.kind !== "judge") throw new Error("a row was not judged");
    tokens.add(row.judgement.tokenId);
    const expected = expectedLogprob(logits[index] as Float32Array, row.judgement.tokenId);
    expect(row.logprob).toBeCloseTo(expected, 12);
    expect(row.logprob).toBeLessThan(0);
  }
  if (part.logitBias === undefined) expect(tokens.size).toBeGreaterThan(10);
  // Asking changes no word.
  const silent = await judgeAll(settings);
  expect(silent).toEqual(rows.map((row) => ({ kind: "judge", judgement: judgementOf(row) })));
});

test("a batch-mate that wants none has none, and its graph's head is enough for it", async () => {
  const greedy = { ...sampled, sampling: { ...sampled.sampling, temperature: 0 } };
  const asking = await thread.openSlot({ ...greedy, wantsLogprobs: true });
  const silent = await thread.openSlot(greedy);
  const reads: RowRead[] = [{ kind: "judge", index: tokenIds.length - 1 }];
  const results = await thread.forward([
    stepOf(silent, [], tokenIds, reads),
    stepOf(asking, [], tokenIds, reads),
  ]);
  const [[without], [withOne]] = results.map(rowsOf) as [RowResult[], RowResult[]];
  expect(without).not.toHaveProperty("logprob");
  const row = logits.at(-1) as Float32Array;
  expect(withOne).toEqual({
    kind: "judge",
    judgement: { tokenId: argmax(row), isAccepted: false },
    logprob: expect.closeTo(expectedLogprob(row, argmax(row)), 12),
  });
  expect(judgementOf(without)).toEqual(judgementOf(withOne));
});

test.each(verificationRuleNames)(
  "%s: of the most probable tokens too, where asked for",
  async (rule) => {
    const biased = { ...sampled.sampling, logitBias: new Map([[9, 20]]), topK: 3 };
    const settings = { ...sampled, sampling: biased, verification: rule, wantsLogprobs: true };
    const plain = await judgeAll(settings);
    const rows = await judgeAll({ ...settings, numTopLogprobs: 20 });
    for (const [index, row] of rows.entries()) {
      if (row.kind !== "judge") throw new Error("a row was not judged");
      // The target's own, whatever the sampling makes of them.
      const { topLogprobs = [], ...rest } = row;
      expect(rest).toEqual(plain[index]);
      const logitsHere = logits[index] as Float32Array;
      const byLogit = Array.from(logitsHere, (logit, tokenId) => ({ logit, tokenId })).sort(
        (a, b) => b.logit - a.logit || a.tokenId - b.tokenId,
      );
      expect(topLogprobs.map(({ tokenId }) => tokenId)).toEqual(
        byLogit.slice(0, 20).map(({ tokenId }) => tokenId),
      );
      for (const { tokenId, logprob } of topLogprobs)
        expect(logprob).toBeCloseTo(expectedLogprob(logitsHere, tokenId), 12);
    }
  },
);

function judgementOf(row: RowResult | undefined) {
  if (row?.kind !== "judge") throw new Error("a row was not judged");
  return row.judgement;
}

test.each(samplings)(
  "%o: the model's likeliest tokens, with a judgement that is the same without",
  async (part) => {
    const settings = { ...sampled, sampling: { ...sampled.sampling, ...part } };
    const silent = await judgeAll(settings);
    const rows = await judgeAll({ ...settings, numSuccessors: 8 });
    for (const [index, row] of rows.entries())
      expect(row).toEqual({
        ...silent[index],
        successors: topTokenIds(logits[index] as Float32Array, 8),
      });
  },
);
