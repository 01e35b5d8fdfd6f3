import type { Commit, Offer, StepFacts, TargetFinish } from "@adaedl/core";
import fc from "fast-check";
import { distribution, sampling, version, vocabulary } from "../messages.cases.ts";
import type { Open, VerifyRequest, VerifyResponse } from "./messages.ts";
import { decodeChance } from "./request-codec.ts";

const uint32 = fc.nat({ max: 2 ** 32 - 1 });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const tokenIds = fc.array(uint32, { maxLength: 20 });
const finite = { noNaN: true, noDefaultInfinity: true };
const milliseconds = fc.float({ ...finite, min: 0, max: 1e9 });
const logprob = fc.float({ ...finite, max: 0 });

const opens: fc.Arbitrary<Open> = fc.record({
  type: fc.constant("open" as const),
  sessionId: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
  protocolVersion: version,
  vocabulary,
  promptTokenIds: tokenIds,
  committedTokenIds: tokenIds,
  sampling,
  seed: fc.maxSafeNat(),
  verification: fc.constantFrom("shared-noise" as const, "rejection" as const),
  maxTokens: uint32,
  endTokenIds: tokenIds,
  credit: uint32,
  wantsLogprobs: fc.boolean(),
  numTopLogprobs: fc.nat({ max: 20 }),
  modelId: fc.string({ unit: "binary" }),
  edgeDraftsOnly: fc.boolean(),
  weights: fc.string({ unit: "binary" }),
  numerics: fc.stringMatching(/^[0-9a-f]{0,64}$/),
  numSuccessors: fc.nat({ max: 8 }),
});

/** Chances are ones that a byte stands for, so that they are the same on the other side. */
const chance = fc.nat({ max: 255 }).map(decodeChance);
const fence = fc.record({ length: uint32, hash: uint64 });

export const offers: fc.Arbitrary<Offer> = fc
  .record({
    base: fc.option(fence, { nil: undefined }),
    firstId: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    credit: uint32,
    isDrawn: fc.boolean(),
  })
  .chain(({ isDrawn, ...offer }) => {
    const node = isDrawn
      ? fc.record({ chance, parent: fc.nat(), distribution }).map((node) => ({
          ...node,
          tokenId: node.distribution.tokenIds[0] ?? 0,
        }))
      : fc.record({ chance, parent: fc.nat(), tokenId: uint32 });
    return fc.array(node, { maxLength: 12 }).map((nodes) => ({
      ...offer,
      nodes: nodes.map((node, index) => ({
        ...node,
        parent: node.parent % (offer.firstId + index),
      })),
    }));
  });

export const verifyRequests: fc.Arbitrary<VerifyRequest> = fc.oneof(
  opens,
  offers.map((offer) => ({ type: "offer" as const, offer })),
  fc.constant({ type: "cancel" as const }),
);

const commits: fc.Arbitrary<VerifyResponse> = fc
  .record({
    ...{ position: uint32, numJudged: fc.nat({ max: 64 }), share: fc.double({ min: 0, max: 1 }) },
    ...{ hasLogprobs: fc.boolean(), numSuccessors: fc.nat({ max: 8 }) },
  })
  .chain(({ position, numJudged, share, hasLogprobs, numSuccessors }) =>
    fc.array(uint32, { minLength: 1, maxLength: numJudged + 1 }).chain((tokenIds) => {
      const { length } = tokenIds;
      const ofEach = { minLength: length, maxLength: length };
      const top = fc.array(fc.record({ tokenId: uint32, logprob }), { maxLength: 20 });
      const numVerifierDrafted = Math.floor((share || 0) * numJudged);
      const commit: Commit = {
        ...{ position, tokenIds, numJudged, numAccepted: length - 1 },
        ...(numVerifierDrafted > 0 ? { numVerifierDrafted } : {}),
        ...(numSuccessors > 0
          ? { successors: tokenIds.map((id) => Array(numSuccessors).fill(id)) }
          : {}),
      };
      const facts: fc.Arbitrary<StepFacts> = fc.record({
        queueMs: milliseconds,
        verifyMs: milliseconds,
        batchSize: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
        logprobs: hasLogprobs ? fc.array(logprob, ofEach) : fc.constant([]),
        topLogprobs: hasLogprobs ? fc.array(top, ofEach) : fc.constant([]),
      });
      return facts.map((facts) => ({ type: "commit" as const, commit, facts }));
    }),
  );

export const verifyResponses: fc.Arbitrary<VerifyResponse> = fc.oneof(
  fc.record(
    {
      type: fc.constant("opened" as const),
      queueMs: milliseconds,
      verifyMs: milliseconds,
      numForwards: uint32,
      numerics: fc.stringMatching(/^[0-9a-f]{1,64}$/),
    },
    { requiredKeys: ["type", "queueMs", "verifyMs", "numForwards"] },
  ),
  commits,
  fc
    .constantFrom<TargetFinish>("stop", "length", "cancelled")
    .map((reason) => ({ type: "finished" as const, reason })),
  fc.constant({ type: "progress" as const }),
);
