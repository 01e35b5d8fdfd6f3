import { ApiError } from "./api/api-error.ts";
import type { ApiKey } from "./api/api-key.ts";
import { completionRequest, type Question } from "./api/request-body.ts";
import { run } from "./run/run.ts";
import { idleRun, type RunState } from "./run/run-state.ts";
import { endSentence, type Status } from "./view/status.ts";

/** What only the page as a whole can do. */
export interface PageActions {
  /** A run brought its first answer: what is shown from now on is of `question`. */
  onFirstAnswer(question: Question, otherPolicy: string | undefined): void;
  /** Called after each event, many times per frame. @param second idle where nothing is compared */
  show(first: RunState, second: RunState): void;
  askKey(): void;
  retry(): void;
  reloadModels(): void;
}

/** Runs a question, and at the same time once more under another policy where that is asked for. */
export interface Playground {
  start(question: Question, otherPolicy: string | undefined): Promise<void>;
  stop(): void;
  readonly isRunning: boolean;
}

/** A playground that asks with `key`. What is on the page stays until a run brings something else. */
export function createPlayground(key: ApiKey, status: Status, actions: PageActions): Playground {
  let current: AbortController | undefined;

  function tell({ state, error }: { readonly state: RunState; readonly error?: unknown }): void {
    const kind = state.phase === "failed" ? "error" : "plain";
    const canRetry = error instanceof ApiError && error.isTemporary;
    status.say(endSentence(state), kind, canRetry ? actions.retry : undefined);
    if (!(error instanceof ApiError)) return;
    if (error.status === 401) actions.askKey();
    if (error.status === 404) actions.reloadModels();
  }

  async function decode(questions: readonly Question[], signal: AbortSignal): Promise<void> {
    const [question, other] = questions as [Question, Question | undefined];
    const states = [idleRun, idleRun];
    let hasAnswer = false;
    const ends = questions.map((one, side) =>
      run(completionRequest(one), {
        key,
        signal,
        onChange(state) {
          states[side] = state;
          const isAnswer = state.phase === "streaming" || state.phase === "finished";
          if (!hasAnswer && isAnswer) actions.onFirstAnswer(question, other?.policy);
          hasAnswer ||= isAnswer;
          if (hasAnswer) actions.show(...(states as [RunState, RunState]));
        },
      }),
    );
    const runs = await Promise.all(ends);
    const told = runs.find(({ state }) => state.phase === "failed") ?? runs[0];
    if (told !== undefined) tell(told);
  }

  return {
    async start(question, otherPolicy) {
      const controller = new AbortController();
      current = controller;
      status.say("Decoding…", "running");
      if (otherPolicy === undefined) await decode([question], controller.signal);
      else {
        // One seed for both: without it the texts would differ.
        const seed = question.seed ?? Math.floor(Math.random() * 2 ** 32);
        const both = [question.policy, otherPolicy].map((policy) => ({
          ...question,
          policy,
          seed,
        }));
        await decode(both, controller.signal);
      }
      current = undefined;
    },
    stop() {
      current?.abort();
    },
    get isRunning() {
      return current !== undefined;
    },
  };
}
