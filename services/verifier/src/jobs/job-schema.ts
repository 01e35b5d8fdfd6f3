import { maxTopLogprobs } from "@adaedl/core";
import { z } from "zod";

const count = z.int().nonnegative();
const tokenId = z
  .int()
  .nonnegative()
  .max(2 ** 31 - 1);
const milliseconds = z.number().nonnegative();
/** JSON has no infinity. */
const logprob = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NEGATIVE_INFINITY);

const sampling = z.object({
  temperature: z.number(),
  topK: z.number(),
  topP: z.number(),
  minP: z.number(),
  repetitionPenalty: z.number(),
  presencePenalty: z.number(),
  frequencyPenalty: z.number(),
  /** JSON has no maps. */
  logitBias: z.array(z.tuple([count, z.number()])).max(1024),
});

const distribution = z
  .object({
    tokenIds: z.array(tokenId).min(1).max(256),
    weights: z.array(z.number().positive().max(1.001)),
  })
  .refine(({ tokenIds, weights }) => tokenIds.length === weights.length, {
    error: "must have as many weights as ids",
  });

const guess = z.object({
  tokenId,
  position: count,
  entropy: z.number().nonnegative(),
  distribution: distribution.optional(),
});

/** What is no trace context traces nothing. */
const traceparent = z
  .string()
  .regex(/^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/)
  .optional()
  .catch(undefined);

/** The forms of what crosses; ranges that depend on the model are checked after it. */
export const jobSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("open"),
    traceparent,
    start: z.object({
      sessionId: z.string().min(1).max(200),
      client: z.string().max(1_000),
      deadlineMs: milliseconds.optional(),
      settings: z.object({
        sampling,
        seed: count,
        verification: z.enum(["shared-noise", "rejection"]),
        numPromptTokens: count,
        wantsLogprobs: z.boolean(),
        /** Not sent by an ingress of before; so with answers. */
        numTopLogprobs: count.max(maxTopLogprobs).default(0),
      }),
      sequence: z.array(tokenId).min(1),
      nextRound: count,
    }),
  }),
  z.object({
    type: z.literal("round"),
    traceparent,
    request: z.object({
      sessionId: z.string().min(1).max(200),
      round: count,
      committedLength: count,
      /** 64 bits, which a JSON number cannot hold. */
      committedHash: z.string().regex(/^[0-9a-f]{1,16}$/),
      guesses: z.array(guess).max(64),
      numPlainTokens: count,
    }),
  }),
]);

export const answerSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("opened"),
    queueMs: milliseconds,
    verifyMs: milliseconds,
    numForwards: count,
    maxDraftLength: count,
  }),
  z.object({
    type: z.literal("answer"),
    round: count,
    numAccepted: count,
    nextTokenId: tokenId,
    committedLength: count,
    queueMs: milliseconds,
    verifyMs: milliseconds,
    batchSize: count,
    maxDraftLength: count,
    logprobs: z.array(logprob),
    topLogprobs: z.array(z.array(z.object({ tokenId, logprob })).max(maxTopLogprobs)).default([]),
  }),
]);
