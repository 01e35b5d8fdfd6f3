import type { WorkerCodec } from "@adaedl/batching";
import { AdaedlError, checkSeed, invalidField, parseSamplingParams } from "@adaedl/core";
import type { RoundRequest, SessionStart } from "@adaedl/engine";
import type { z } from "zod";
import { jobSchema } from "./job-schema.ts";
import { parsePlain } from "./parse-plain.ts";
import type { TargetAnswer, TargetJob } from "./target-job.ts";

/** What jobs are checked against. */
export interface JobLimits {
  /** Token ids are below this. */
  readonly vocabSize: number;
  readonly contextLength: number;
}

type PlainJob = z.infer<typeof jobSchema>;
type PlainOpen = Extract<PlainJob, { type: "open" }>["start"];
type PlainGuess = Extract<PlainJob, { type: "round" }>["request"]["guesses"][number];
type Guess = RoundRequest["guesses"][number];

const maxWeightSum = 1.01;

/**
 * What a worker makes of jobs: they are checked like input from a network, since whoever reaches Redis
 * can put anything there.
 */
export function workerCodec(limits: JobLimits): WorkerCodec<TargetJob, TargetAnswer> {
  return {
    decodeJob(plain) {
      const job = parsePlain(jobSchema, plain, "job");
      const traced = job.traceparent === undefined ? {} : { traceparent: job.traceparent };
      if (job.type === "open")
        return { type: "open", ...traced, start: decodeStart(job.start, limits) };
      const { committedHash, guesses, ...request } = job.request;
      return {
        type: "round",
        ...traced,
        request: {
          ...request,
          committedHash: BigInt(`0x${committedHash}`),
          guesses: guesses.map((guess) => decodeGuess(guess, limits)),
        },
      };
    },
    encodeAnswer: (answer) => answer,
  };
}

function decodeStart(
  { settings, ...start }: PlainOpen,
  { vocabSize, contextLength }: JobLimits,
): SessionStart {
  const { sequence } = start;
  checkTokenIds("start.sequence", sequence, vocabSize);
  if (sequence.length >= contextLength)
    throw new AdaedlError(
      "out_of_range",
      `start.sequence must be shorter than the target's context of ${contextLength} tokens, got ${sequence.length}`,
      { field: "start.sequence", value: sequence.length },
    );
  const { sampling } = settings;
  return {
    ...start,
    settings: {
      ...settings,
      seed: checkSeed(settings.seed),
      sampling: parseSamplingParams(
        { ...sampling, logitBias: new Map(sampling.logitBias) },
        vocabSize,
      ),
    },
  };
}

function decodeGuess({ distribution, ...guess }: PlainGuess, { vocabSize }: JobLimits): Guess {
  checkTokenIds("guess.tokenId", [guess.tokenId], vocabSize);
  if (distribution === undefined) return guess;
  const { tokenIds, weights } = distribution;
  checkTokenIds("guess.distribution.tokenIds", tokenIds, vocabSize);
  const isWhole = tokenIds.includes(guess.tokenId) && new Set(tokenIds).size === tokenIds.length;
  if (!isWhole)
    throw invalidField(
      "guess.distribution.tokenIds",
      tokenIds.join(),
      "must all be different and hold the guess",
    );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (sum > maxWeightSum)
    throw invalidField("guess.distribution.weights", sum, `must add up to at most ${maxWeightSum}`);
  return {
    ...guess,
    distribution: { tokenIds: Int32Array.from(tokenIds), weights: Float32Array.from(weights) },
  };
}

function checkTokenIds(field: string, tokenIds: readonly number[], vocabSize: number): void {
  const bad = tokenIds.find((tokenId) => tokenId >= vocabSize);
  if (bad !== undefined)
    throw invalidField(field, bad, `must be whole numbers from 0 to ${vocabSize - 1}`);
}
