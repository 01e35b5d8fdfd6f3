import type { IngressCodec } from "@adaedl/batching";
import type { RoundRequest, SessionStart } from "@adaedl/engine";
import type { z } from "zod";
import { answerSchema, type jobSchema } from "./job-schema.ts";
import { parsePlain } from "./parse-plain.ts";
import type { TargetAnswer, TargetJob } from "./target-job.ts";

type PlainJob = z.infer<typeof jobSchema>;
type PlainOpen = Extract<PlainJob, { type: "open" }>["start"];
type PlainGuess = Extract<PlainJob, { type: "round" }>["request"]["guesses"][number];
type Guess = RoundRequest["guesses"][number];

/** What an ingress sends to workers, and what it believes of their answers. */
export const ingressCodec: IngressCodec<TargetJob, TargetAnswer> = {
  routeOf(job) {
    if (job.type === "round") return { sessionId: job.request.sessionId, opens: false, client: "" };
    return { sessionId: job.start.sessionId, opens: true, client: job.start.client };
  },
  encodeJob(job) {
    const { traceparent } = job;
    if (job.type === "open")
      return { type: "open", traceparent, start: encodeStart(job.start) } satisfies PlainJob;
    const { committedHash, guesses, ...request } = job.request;
    const hash = committedHash.toString(16);
    return {
      type: "round",
      traceparent,
      request: { ...request, committedHash: hash, guesses: guesses.map(encodeGuess) },
    } satisfies PlainJob;
  },
  decodeAnswer(plain) {
    return parsePlain(answerSchema, plain, "answer");
  },
};

function encodeStart({ settings, ...start }: SessionStart) {
  const { sampling, wantsLogprobs = false, numTopLogprobs = 0 } = settings;
  return {
    ...start,
    sequence: [...start.sequence],
    settings: {
      ...settings,
      wantsLogprobs,
      numTopLogprobs,
      sampling: { ...sampling, logitBias: [...sampling.logitBias] },
    },
  } satisfies PlainOpen;
}

function encodeGuess({ distribution, ...guess }: Guess): PlainGuess {
  if (distribution === undefined) return guess;
  const { tokenIds, weights } = distribution;
  return { ...guess, distribution: { tokenIds: [...tokenIds], weights: [...weights] } };
}
