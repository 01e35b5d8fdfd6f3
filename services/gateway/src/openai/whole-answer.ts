import { AdaedlError } from "@adaedl/core";
import type {
  GeneratedToken,
  GenerateEvent,
  GenerationCommit,
  GenerationFinished,
  Started,
} from "@adaedl/protocol";
import { type AnswerShare, bytesOf } from "../callers/answer-memory.ts";
import type { Indexed } from "../generation/merge.ts";
import type { Dialect, Envelope } from "./answer.ts";
import { commitDetails, requestDetails, tokenDetails } from "./details.ts";
import type { Job } from "./job.ts";
import { speculationOf, timingsOf, usageOf } from "./statistics.ts";

/** One choice as far as it has come. */
interface Choice {
  started?: Started;
  finished?: GenerationFinished;
  text: string;
  /** Only where something is to be told of each. */
  readonly tokens: GeneratedToken[];
  readonly commits: GenerationCommit[];
}

/** The answer in one piece, as far as there is memory for it. With several choices, each has its own `speculation` and `timings`. */
export async function wholeAnswer(
  job: Job,
  dialect: Dialect,
  envelope: Envelope,
  events: AsyncGenerator<Indexed<GenerateEvent>>,
  memory: AnswerShare,
): Promise<object> {
  const choices: Choice[] = job.choices.map(() => ({ text: "", tokens: [], commits: [] }));
  const isEveryTokenTold = job.wantsLogprobs || job.wantsDetails;
  for await (const { index, event } of events) {
    const choice = choices[index] as Choice;
    if (isEveryTokenTold) memory.hold(bytesOf(event));
    if (event.type === "started") choice.started = event;
    else if (event.type === "finished") choice.finished = event;
    else if (event.type === "commit") choice.commits.push(event);
    else if (event.type === "token") {
      choice.text += event.text;
      if (isEveryTokenTold) choice.tokens.push(event);
    }
  }

  const told = choices.map((choice, index) => tell(job, dialect, choice, index));
  const usage = usageOf(
    told.map(({ finished }) => finished),
    job.numPerPrompt,
  );
  const [only] = told;
  if (only !== undefined && told.length === 1)
    return { ...envelope, choices: [only.choice], usage, ...only.statistics };
  return {
    ...envelope,
    choices: told.map(({ choice, statistics }) => ({ ...choice, ...statistics })),
    usage,
  };
}

function tell(job: Job, dialect: Dialect, choice: Choice, index: number) {
  const { started, finished, text, tokens, commits } = choice;
  if (started === undefined || finished === undefined)
    throw new AdaedlError("internal", "the draft service ended a generation without its end");
  const logprobs = job.wantsLogprobs ? dialect.logprobs(tokens, 0) : null;
  const { finishReason } = finished;
  const details = {
    request: requestDetails(started),
    tokens: tokens.map(tokenDetails),
    commits: commits.map(commitDetails),
  };
  return {
    finished,
    choice: {
      ...dialect.wholeChoice(index, { text, logprobs, finishReason }),
      ...(job.wantsDetails ? { adaedl: details } : {}),
    },
    statistics: { speculation: speculationOf(started, finished), timings: timingsOf(finished) },
  };
}
