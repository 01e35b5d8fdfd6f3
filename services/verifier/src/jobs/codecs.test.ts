import { defaultSamplingParams } from "@adaedl/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ingressCodec } from "./ingress-codec.ts";
import type { TargetAnswer, TargetJob } from "./target-job.ts";
import { workerCodec } from "./worker-codec.ts";

const vocabSize = 1_000;
const contextLength = 64;
const codec = workerCodec({ vocabSize, contextLength });

/** As a job and its answer cross. */
const cross = (job: TargetJob) => codec.decodeJob(throughJson(ingressCodec.encodeJob(job)));
const throughJson = (plain: unknown) => JSON.parse(JSON.stringify(plain)) as unknown;

const tokenId = fc.nat(vocabSize - 1);
const weight = fc.float({ min: Math.fround(1e-20), max: 1, noNaN: true });
const place = {
  position: fc.nat(),
  entropy: fc.double({ min: 0, max: 20, noNaN: true }),
};
const drawn = fc
  .uniqueArray(fc.tuple(tokenId, weight), {
    minLength: 1,
    maxLength: 20,
    selector: ([id]) => id,
  })
  .map((pairs) => ({
    tokenId: pairs[0]?.[0] ?? 0,
    distribution: {
      tokenIds: Int32Array.from(pairs, ([id]) => id),
      weights: Float32Array.from(pairs, ([, value]) => value / pairs.length),
    },
  }));
const guess = fc.oneof(
  fc.record({ tokenId, ...place }),
  fc.tuple(drawn, fc.record(place)).map(([guess, rest]) => ({ ...guess, ...rest })),
);
const round: fc.Arbitrary<TargetJob> = fc.record({
  type: fc.constant("round" as const),
  request: fc.record({
    sessionId: fc.string({ minLength: 1, maxLength: 100 }),
    round: fc.nat(),
    committedLength: fc.nat(),
    committedHash: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    guesses: fc.array(guess, { maxLength: 64 }),
    numPlainTokens: fc.nat(),
  }),
});
const logitBias = fc
  .array(fc.tuple(tokenId, fc.double({ min: -100, max: 100, noNaN: true })))
  .map((pairs) => new Map(pairs.map(([id, bias]) => [id, bias + 0]))); // JSON has no -0
const open: fc.Arbitrary<TargetJob> = fc.record({
  type: fc.constant("open" as const),
  start: fc.record(
    {
      sessionId: fc.string({ minLength: 1, maxLength: 100 }),
      client: fc.string({ maxLength: 100 }),
      deadlineMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
      settings: fc.record({
        sampling: fc
          .tuple(fc.double({ min: 0.001, max: 100, noNaN: true }), logitBias)
          .map(([temperature, logitBias]) => ({
            ...defaultSamplingParams,
            temperature,
            logitBias,
          })),
        seed: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
        verification: fc.constantFrom("shared-noise" as const, "rejection" as const),
        numPromptTokens: fc.nat(),
        wantsLogprobs: fc.boolean(),
        numTopLogprobs: fc.nat(20),
      }),
      sequence: fc.array(tokenId, { minLength: 1, maxLength: contextLength - 1 }),
      nextRound: fc.nat(),
    },
    { requiredKeys: ["sessionId", "client", "settings", "sequence", "nextRound"] },
  ),
});

describe("what crosses Redis arrives as it was", () => {
  test("rounds, with hashes of 64 bits and weights to the last bit", () => {
    fc.assert(
      fc.property(round, (job) => {
        expect(cross(job)).toEqual(job);
      }),
    );
  });

  test("openings, with biases and deadlines", () => {
    fc.assert(
      fc.property(open, (job) => {
        expect(cross(job)).toEqual(job);
      }),
    );
  });

  test("answers, impossible tokens' log-probabilities too", () => {
    const times = { queueMs: 0.25, verifyMs: 7.5 };
    const verdict: TargetAnswer = {
      ...{ type: "answer", round: 3, numAccepted: 2, nextTokenId: 9, committedLength: 20 },
      ...{ ...times, batchSize: 4, maxDraftLength: 0 },
      logprobs: [-0.1, Number.NEGATIVE_INFINITY, 0],
      topLogprobs: [[], [{ tokenId: 9, logprob: Number.NEGATIVE_INFINITY }], []],
    };
    const opened: TargetAnswer = { type: "opened", ...times, numForwards: 2, maxDraftLength: 64 };
    for (const answer of [verdict, opened])
      expect(ingressCodec.decodeAnswer(throughJson(codec.encodeAnswer(answer)))).toEqual(answer);
  });

  test("jobs go where they are meant to", () => {
    const [opening] = fc.sample(open, 1);
    const [asking] = fc.sample(round, 1);
    if (opening?.type !== "open" || asking?.type !== "round") throw new Error("no samples");
    const { sessionId, client } = opening.start;
    expect(ingressCodec.routeOf(opening)).toEqual({ sessionId, client, opens: true });
    expect(ingressCodec.routeOf(asking)).toMatchObject({
      sessionId: asking.request.sessionId,
      opens: false,
    });
  });
});

describe("what somebody else put into Redis is refused, and the field named", () => {
  const request = {
    ...{ sessionId: "s", round: 0, committedLength: 3, committedHash: "ff", numPlainTokens: 0 },
    guesses: [{ tokenId: 1, position: 3, entropy: 0.5 }],
  };
  const settings = {
    sampling: { ...defaultSamplingParams, logitBias: [] },
    ...{ seed: 1, verification: "shared-noise", numPromptTokens: 1, wantsLogprobs: false },
  };
  const start = { sessionId: "s", client: "c", settings, sequence: [1, 2], nextRound: 0 };
  const roundWith = (fields: object) => ({ type: "round", request: { ...request, ...fields } });
  const openWith = (fields: object) => ({ type: "open", start: { ...start, ...fields } });
  const guessWith = (fields: object) =>
    roundWith({ guesses: [{ ...request.guesses[0], ...fields }] });
  const many = (count: number) => Array.from({ length: count }, () => 1);

  test("the samples themselves are fine", () => {
    expect(codec.decodeJob(roundWith({}))).toMatchObject({ type: "round" });
    expect(codec.decodeJob(openWith({}))).toMatchObject({ type: "open" });
  });

  test.each<[string, unknown]>([
    ["job", null],
    ["job", "open"],
    ["job.type", { type: "close" }],
    ["job.request.round", roundWith({ round: -1 })],
    ["job.request.round", roundWith({ round: null })],
    ["job.request.committedHash", roundWith({ committedHash: "fffffffffffffffff" })],
    ["job.request.committedHash", roundWith({ committedHash: 255 })],
    ["job.request.guesses", roundWith({ guesses: many(65).map(() => request.guesses[0]) })],
    ["job.request.guesses.0.tokenId", guessWith({ tokenId: 1.5 })],
    ["job.request.guesses.0.entropy", guessWith({ entropy: null })],
    [
      "job.request.guesses.0.distribution",
      guessWith({ distribution: { tokenIds: [1, 2], weights: [1] } }),
    ],
    [
      "job.request.guesses.0.distribution.weights.0",
      guessWith({ distribution: { tokenIds: [1], weights: [0] } }),
    ],
    ["guess.tokenId", guessWith({ tokenId: vocabSize })],
    [
      "guess.distribution.tokenIds",
      guessWith({ distribution: { tokenIds: [2, 3], weights: [0.5, 0.5] } }),
    ],
    [
      "guess.distribution.tokenIds",
      guessWith({ distribution: { tokenIds: [1, 1], weights: [0.5, 0.5] } }),
    ],
    [
      "guess.distribution.weights",
      guessWith({ distribution: { tokenIds: [1, 2], weights: [1, 1] } }),
    ],
    [
      "guess.distribution.tokenIds",
      guessWith({ distribution: { tokenIds: [vocabSize], weights: [1] } }),
    ],
    ["start.sequence", openWith({ sequence: [1, vocabSize] })],
    ["job.start.sequence", openWith({ sequence: [] })],
    ["job.start.client", openWith({ client: 7 })],
    ["job.start.deadlineMs", openWith({ deadlineMs: -1 })],
    ["job.start.settings.seed", openWith({ settings: { ...settings, seed: 2 ** 60 } })],
    [
      "job.start.settings.verification",
      openWith({ settings: { ...settings, verification: "none" } }),
    ],
    [
      "job.start.settings.numTopLogprobs",
      openWith({ settings: { ...settings, numTopLogprobs: 21 } }),
    ],
    [
      "temperature",
      openWith({ settings: { ...settings, sampling: { ...settings.sampling, temperature: -1 } } }),
    ],
  ])("%s", (field, plain) => {
    expect(() => codec.decodeJob(plain)).toThrow(
      expect.objectContaining({ code: "invalid_argument", field }),
    );
  });

  test("an ingress of before asks for none of the most probable tokens", () => {
    expect(codec.decodeJob(openWith({}))).toMatchObject({
      start: { settings: { numTopLogprobs: 0 } },
    });
  });

  test("a sequence as long as the context is out of range", () => {
    expect(() => codec.decodeJob(openWith({ sequence: many(contextLength) }))).toThrow(
      expect.objectContaining({ code: "out_of_range", field: "start.sequence" }),
    );
  });

  test.each([null, {}, { type: "answer" }, { type: "opened", queueMs: -1 }])(
    "answer %#",
    (plain) => {
      expect(() => ingressCodec.decodeAnswer(plain)).toThrow(
        expect.objectContaining({ code: "invalid_argument" }),
      );
    },
  );
});
