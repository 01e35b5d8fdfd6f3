import { setMaxListeners } from "node:events";
import type { GenerateEvent, GenerateRequest } from "@adaedl/protocol";
import type { Capacity } from "../callers/capacity.ts";
import { type GenerationTerms, generateSomewhere } from "../draft-services/generate.ts";
import type { Job } from "../openai/job.ts";
import { type Indexed, merge } from "./merge.ts";

/**
 * The events of all choices of a job as they come, by the choice's index.
 * @param requestId of the first choice; the others' is made of it
 * @param capacity where one choice has a place, and more may find one
 * @throws AdaedlError what the first choice that failed failed with; the others are ended then
 */
export function runJob(
  terms: GenerationTerms,
  job: Job,
  requestId: string,
  capacity: Pick<Capacity, "enterMore">,
  signal: AbortSignal,
): AsyncGenerator<Indexed<GenerateEvent>> {
  const run = (request: GenerateRequest, index: number, signal: AbortSignal) =>
    generateSomewhere(terms, request, index === 0 ? requestId : `${requestId}-${index}`, signal);
  const [only] = job.choices;
  if (only !== undefined && job.choices.length === 1) return single(run(only, 0, signal));
  const enterMore = () => (terms.pool.isHalfFree(terms.modelId) ? capacity.enterMore() : undefined);
  return several(job, run, enterMore, signal);
}

async function* single(events: AsyncGenerator<GenerateEvent>) {
  for await (const event of events) yield { index: 0, event };
}

async function* several(
  job: Job,
  run: (
    request: GenerateRequest,
    index: number,
    signal: AbortSignal,
  ) => AsyncGenerator<GenerateEvent>,
  enterMore: Capacity["enterMore"],
  signal: AbortSignal,
) {
  // A source in the middle of an event ends by its signal alone.
  const ending = new AbortController();
  const ended = AbortSignal.any([signal, ending.signal]);
  setMaxListeners(0, ended); // each choice listens: many are no leak
  try {
    const choices = job.choices.map((request, index) => run(request, index, ended));
    yield* merge(choices, enterMore);
  } finally {
    ending.abort();
  }
}
