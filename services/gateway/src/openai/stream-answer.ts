import type { GenerateEvent, GenerationFinished, Started } from "@adaedl/protocol";
import type { Indexed } from "../generation/merge.ts";
import type { Dialect, Envelope } from "./answer.ts";
import { commitDetails, frontierDetails, requestDetails, tokenDetails } from "./details.ts";
import type { Job } from "./job.ts";
import { textOf } from "./logprobs.ts";
import { speculationOf, timingsOf, usageOf } from "./statistics.ts";

/** What is known of one choice while it streams. */
interface ChoiceState {
  readonly started: Started;
  /** Details for its next event. */
  details: Record<string, object>;
  /** Characters of its tokens so far. */
  textOffset: number;
}

/**
 * The events of a stream: one for each token that brought text (each token, where details or
 * log-probabilities are asked for), one for each end of a choice, one with the usage; with details one
 * whenever the frontier moves.
 */
export async function* streamAnswer(
  job: Job,
  dialect: Dialect,
  envelope: Envelope,
  events: AsyncGenerator<Indexed<GenerateEvent>>,
): AsyncGenerator<object> {
  const states: ChoiceState[] = [];
  const finished: GenerationFinished[] = [];
  const usage = job.wantsUsage ? { usage: null } : {};
  const isEveryTokenTold = job.wantsLogprobs || job.wantsDetails;

  function chunk(index: number, choice: object, more: object = {}): object {
    const state = states[index] as ChoiceState;
    const adaedl = job.wantsDetails ? { adaedl: state.details } : {};
    state.details = {};
    return { ...envelope, choices: [choice], ...usage, ...adaedl, ...more };
  }

  for await (const { index, event } of events) {
    if (event.type === "started") {
      states[index] = {
        started: event,
        details: { request: requestDetails(event) },
        textOffset: 0,
      };
      const opening = dialect.openingChoice?.(index);
      if (opening !== undefined) yield chunk(index, opening);
      continue;
    }
    const state = states[index] as ChoiceState;
    if (event.type === "commit") state.details = { ...state.details, commit: commitDetails(event) };
    else if (event.type === "frontier") {
      state.details = { ...state.details, frontier: frontierDetails(event) };
      yield chunk(
        index,
        dialect.deltaChoice(index, { text: "", logprobs: null, finishReason: null }),
      );
    } else if (event.type === "token") {
      if (event.text === "" && !isEveryTokenTold) continue;
      const logprobs = job.wantsLogprobs ? dialect.logprobs([event], state.textOffset) : null;
      state.textOffset += textOf(event.bytes).length;
      if (job.wantsDetails) state.details = { ...state.details, token: tokenDetails(event) };
      yield chunk(
        index,
        dialect.deltaChoice(index, { text: event.text, logprobs, finishReason: null }),
      );
    } else {
      finished[index] = event;
      const { finishReason } = event;
      yield chunk(index, dialect.deltaChoice(index, { text: "", logprobs: null, finishReason }), {
        speculation: speculationOf(state.started, event),
        timings: timingsOf(event),
      });
    }
  }
  if (job.wantsUsage)
    yield { ...envelope, choices: [], usage: usageOf(finished, job.numPerPrompt) };
}
