import { ApiError } from "./api/api-error.ts";
import type { ApiKey } from "./api/api-key.ts";
import { completionRequest, type Question } from "./api/request-body.ts";
import { run } from "./run/run.ts";
import { idleRun, type RunState } from "./run/run-state.ts";
import type { Comparison } from "./view/comparison.ts";
import type { Headline } from "./view/headline.ts";
import { endSentence, type Status } from "./view/status.ts";
import type { Strip } from "./view/strip.ts";
import type { TextView } from "./view/text-view.ts";

/** The parts of the page that a run is seen in. */
export interface Views {
  readonly text: TextView;
  readonly plainText: TextView;
  readonly headline: Headline;
  readonly strip: Strip;
  readonly comparison: Comparison;
  readonly status: Status;
}

/** What only the page as a whole can do. */
export interface PageActions {
  /** A run brought its first answer: what is shown from now on is of `question`. */
  onFirstAnswer(question: Question): void;
  askKey(): void;
  retry(): void;
  reloadModels(): void;
}

/** Runs a question, and the same once more without speculation where that is asked for. */
export interface Playground {
  start(question: Question, compares: boolean): Promise<void>;
  stop(): void;
  readonly isRunning: boolean;
}

/** A playground that asks with `key`. What is on the page stays until a run brings something else. */
export function createPlayground(key: ApiKey, views: Views, actions: PageActions): Playground {
  let current: AbortController | undefined;

  function tell({ state, error }: { readonly state: RunState; readonly error?: unknown }): void {
    const kind = state.phase === "failed" ? "error" : "plain";
    const canRetry = error instanceof ApiError && error.isTemporary;
    views.status.say(endSentence(state), kind, canRetry ? actions.retry : undefined);
    if (!(error instanceof ApiError)) return;
    if (error.status === 401) actions.askKey();
    if (error.status === 404) actions.reloadModels();
  }

  async function speculate(question: Question, compares: boolean, signal: AbortSignal) {
    views.status.say("Speculating…", "running");
    let hasAnswer = false;
    const speculative = await run(completionRequest(question, true), {
      key,
      signal,
      onChange(state) {
        if (!hasAnswer && state.phase !== "streaming" && state.phase !== "finished") return;
        if (!hasAnswer) {
          actions.onFirstAnswer(question);
          views.plainText.show(idleRun);
        }
        hasAnswer = true;
        views.text.show(state);
        views.headline.show(state);
        views.strip.show(state);
        views.comparison.show(state, undefined);
      },
    });
    if (!compares || speculative.state.phase !== "finished") return tell(speculative);
    // One after the other: at the same time, each would slow the other down.
    views.status.say("Now the same without speculation…", "running");
    const seed = speculative.state.request?.seed ?? question.seed;
    const plain = await run(completionRequest({ ...question, seed }, false), {
      key,
      signal,
      onChange(state) {
        views.plainText.show(state);
        views.comparison.show(speculative.state, state);
      },
    });
    tell(plain.state.phase === "finished" ? speculative : plain);
  }

  return {
    async start(question, compares) {
      const controller = new AbortController();
      current = controller;
      await speculate(question, compares, controller.signal);
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
