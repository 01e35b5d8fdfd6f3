import fc from "fast-check";
import { expect, test } from "vitest";
import { ingressCodec } from "./ingress-codec.ts";
import type { TargetAnswer } from "./target-job.ts";
import { workerCodec } from "./worker-codec.ts";

const codec = workerCodec({ vocabSize: 1_000, contextLength: 64 });
const cross = (answer: unknown) =>
  ingressCodec.decodeAnswer(JSON.parse(JSON.stringify(codec.encodeAnswer(answer as TargetAnswer))));

const count = fc.nat();
/** JSON has no -0. */
const milliseconds = fc.double({ min: 0, max: 1e9, noNaN: true }).map((value) => value + 0);
const logprob = fc.oneof(
  fc.double({ min: -1e3, max: 0, noNaN: true }).map((value) => value + 0),
  fc.constant(Number.NEGATIVE_INFINITY),
);
const answers: fc.Arbitrary<TargetAnswer> = fc.oneof(
  fc.record({
    type: fc.constant("opened" as const),
    queueMs: milliseconds,
    verifyMs: milliseconds,
    numForwards: count,
    maxDraftLength: count,
  }),
  fc.record({
    type: fc.constant("answer" as const),
    round: count,
    numAccepted: count,
    nextTokenId: fc.nat({ max: 2 ** 31 - 1 }),
    committedLength: count,
    queueMs: milliseconds,
    verifyMs: milliseconds,
    batchSize: count,
    maxDraftLength: count,
    logprobs: fc.array(logprob, { maxLength: 70 }),
    topLogprobs: fc.array(
      fc.array(fc.record({ tokenId: fc.nat({ max: 2 ** 31 - 1 }), logprob }), { maxLength: 20 }),
      { maxLength: 70 },
    ),
  }),
);

test("answers arrive as they were, with the log-probabilities of impossible tokens", () => {
  fc.assert(
    fc.property(answers, (answer) => {
      expect(cross(answer)).toEqual(answer);
    }),
  );
});

const opened = { type: "opened", queueMs: 1, verifyMs: 2, numForwards: 1, maxDraftLength: 8 };
const verdict = {
  ...{ type: "answer", round: 1, numAccepted: 0, nextTokenId: 5, committedLength: 9 },
  ...{ queueMs: 0, verifyMs: 1, batchSize: 1, maxDraftLength: 8, logprobs: [-1, null] },
  topLogprobs: [[{ tokenId: 5, logprob: null }]],
};

test.each<[string, unknown]>([
  ["answer", []],
  ["answer.type", { ...opened, type: "closed" }],
  ["answer.queueMs", { ...opened, queueMs: Number.NaN }],
  ["answer.verifyMs", { ...opened, verifyMs: -1 }],
  ["answer.numForwards", { ...opened, numForwards: 0.5 }],
  ["answer.maxDraftLength", { ...opened, maxDraftLength: undefined }],
  ["answer.round", { ...verdict, round: -1 }],
  ["answer.nextTokenId", { ...verdict, nextTokenId: 2 ** 31 }],
  ["answer.committedLength", { ...verdict, committedLength: 2 ** 60 }],
  ["answer.logprobs", { ...verdict, logprobs: null }],
  ["answer.logprobs.1", { ...verdict, logprobs: [0, "1"] }],
  ["answer.topLogprobs", { ...verdict, topLogprobs: null }],
  [
    "answer.topLogprobs.0",
    { ...verdict, topLogprobs: [Array(21).fill({ tokenId: 1, logprob: 0 })] },
  ],
  ["answer.topLogprobs.0.0.tokenId", { ...verdict, topLogprobs: [[{ tokenId: -1, logprob: 0 }]] }],
])("%s is refused, and named", (field, answer) => {
  expect(cross(opened)).toEqual(opened);
  expect(cross(verdict)).toMatchObject({
    logprobs: [-1, Number.NEGATIVE_INFINITY],
    topLogprobs: [[{ tokenId: 5, logprob: Number.NEGATIVE_INFINITY }]],
  });
  expect(() => cross(answer)).toThrow(
    expect.objectContaining({
      code: "invalid_argument",
      field,
      message: expect.stringMatching(`^${field.replaceAll(".", "\\.")}: .`),
    }),
  );
});

test("a worker of before says nothing of the most probable tokens", () => {
  const { topLogprobs: _, ...old } = verdict;
  expect(cross(old)).toMatchObject({ type: "answer", topLogprobs: [] });
});
