import { ApiError } from "./api/api-error.ts";
import type { ApiKey } from "./api/api-key.ts";
import { completionRequest, type Question } from "./api/request-body.ts";
import { run } from "./run/run.ts";
import { idleRun, type RunState } from "./run/run-state.ts";
import type { Comparison } from "./view/comparison.ts";
import { endSentence, type Status } from "./view/status.ts";
import type { Strip } from "./view/strip.ts";
import type { TextView } from "./view/text-view.ts";

/** The parts of the page that a run is seen in. */
export interface Views {
  readonly text: TextView;
  readonly plainText: TextView;
  readonly strip: Strip;
  readonly comparison: Comparison;
  readonly status: Status;
}

/** Runs a question, and the same once more without speculation where that is asked for. */
export interface Playground {
  start(question: Question, compares: boolean): Promise<void>;
  stop(): void;
  readonly isRunning: boolean;
}

/** A playground that asks with `key`, and tells `onRefusedKey` when that does not do. */
export function createPlayground(key: ApiKey, views: Views, onRefusedKey: () => void): Playground {
  let current: AbortController | undefined;

  function tell({ state, error }: { readonly state: RunState; readonly error?: unknown }): void {
    views.status.say(endSentence(state), state.phase === "failed" ? "error" : "plain");
    if (error instanceof ApiError && error.status === 401) onRefusedKey();
  }

  async function speculate(question: Question, compares: boolean, signal: AbortSignal) {
    views.status.say("Speculating…", "running");
    views.plainText.show(idleRun);
    const speculative = await run(completionRequest(question, true), {
      key,
      signal,
      onChange(state) {
        views.text.show(state);
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
