import { AdaedlError } from "@adaedl/core";
import type { GenerateEvent, GenerationFinished, Started } from "@adaedl/protocol";
import { type AnswerShare, bytesOf } from "../callers/answer-memory.ts";
import type { Indexed } from "../generation/merge.ts";
import type { Dialect, Envelope } from "./answer.ts";
import { commitDetails, requestDetails, tokenDetails } from "./details.ts";
import type { Job } from "./job.ts";
import { textOf } from "./logprobs.ts";
import { speculationOf, timingsOf, usageOf } from "./statistics.ts";
import { GrowingLists, type WrittenJson, writeList, writeObject } from "./written-json.ts";

/** One choice as far as it has come. */
interface Choice {
  started?: Started;
  finished?: GenerationFinished;
  text: string;
  /** Characters of its tokens so far. */
  textOffset: number;
  readonly logprobs: GrowingLists;
  readonly details: GrowingLists;
}

/**
 * The answer in one piece, as JSON, as far as there is memory for it. With several choices, each has its own
 * `speculation` and `timings`.
 */
export async function wholeAnswer(
  job: Job,
  dialect: Dialect,
  envelope: Envelope,
  events: AsyncGenerator<Indexed<GenerateEvent>>,
  memory: AnswerShare,
): Promise<WrittenJson> {
  const choices = job.choices.map(() => openChoice(dialect));
  for await (const { index, event } of events) {
    if (job.wantsLogprobs || job.wantsDetails) memory.hold(bytesOf(event));
    take(job, dialect, choices[index] as Choice, event);
  }

  const told = choices.map((choice, index) => tell(job, dialect, choice, index));
  const usage = usageOf(
    told.map(({ finished }) => finished),
    job.numPerPrompt,
  );
  const [only] = told;
  const answer =
    only !== undefined && told.length === 1
      ? { choices: writeList([writeObject(only.choice)]), usage, ...only.statistics }
      : {
          choices: writeList(
            told.map(({ choice, statistics }) => writeObject({ ...choice, ...statistics })),
          ),
          usage,
        };
  return writeObject({ ...envelope, ...answer });
}

function openChoice(dialect: Dialect): Choice {
  const logprobs = new GrowingLists();
  logprobs.add(dialect.logprobs([], 0));
  const details = new GrowingLists();
  details.add({ request: undefined, tokens: [], commits: [] });
  return { text: "", textOffset: 0, logprobs, details };
}

/** Writes at once what is told of an event: of all of them at the end, it would hold up others. */
function take(job: Job, dialect: Dialect, choice: Choice, event: GenerateEvent): void {
  if (event.type === "started") {
    choice.started = event;
    choice.details.add({ request: requestDetails(event) });
  } else if (event.type === "finished") choice.finished = event;
  else if (event.type === "commit") {
    if (job.wantsDetails) choice.details.add({ commits: [commitDetails(event)] });
  } else if (event.type === "token") {
    choice.text += event.text;
    if (job.wantsLogprobs) choice.logprobs.add(dialect.logprobs([event], choice.textOffset));
    if (job.wantsDetails) choice.details.add({ tokens: [tokenDetails(event)] });
    choice.textOffset += textOf(event.bytes).length;
  }
}

function tell(
  job: Job,
  dialect: Dialect,
  { started, finished, text, logprobs, details }: Choice,
  index: number,
) {
  if (started === undefined || finished === undefined)
    throw new AdaedlError("internal", "the draft service ended a generation without its end");
  const { finishReason } = finished;
  const parts = { text, logprobs: job.wantsLogprobs ? logprobs.write() : null, finishReason };
  const adaedl: WrittenJson | undefined = job.wantsDetails ? details.write() : undefined;
  return {
    finished,
    choice: { ...dialect.wholeChoice(index, parts), adaedl },
    statistics: { speculation: speculationOf(started, finished), timings: timingsOf(finished) },
  };
}
