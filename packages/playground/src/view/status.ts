import type { RunState } from "../run/run-state.ts";
import { statisticsOf } from "../run/statistics.ts";
import { elementById } from "./elements.ts";
import { counted, duration } from "./numbers.ts";

/** The line that says what goes on; read out when it changes, so it changes seldom. */
export interface Status {
  /** @param retry what the button beside it does; without, there is no button */
  say(text: string, kind?: "plain" | "running" | "error", retry?: () => void): void;
}

/** The status line of index.html. */
export function createStatus(): Status {
  const line = elementById("status", HTMLElement);
  const button = elementById("retry", HTMLButtonElement);
  let onRetry: (() => void) | undefined;
  button.addEventListener("click", () => onRetry?.());
  return {
    say(text, kind = "plain", retry) {
      line.dataset.kind = kind;
      line.textContent = text;
      onRetry = retry;
      button.hidden = retry === undefined;
    },
  };
}

/** How a run ended, in a sentence. */
export function endSentence(state: RunState): string {
  const { numTokens, durationMs } = statisticsOf(state);
  const tokens = `${counted(numTokens, "token")} in ${duration(durationMs)}`;
  if (state.phase === "failed") {
    const why = state.error ?? "The run failed.";
    return numTokens === 0 ? why : `${why} The ${tokens} before that are kept.`;
  }
  if (state.phase === "stopped") return `Stopped after ${tokens}.`;
  return state.finishReason === "length"
    ? `Finished: ${tokens}, as many tokens as were asked for.`
    : `Finished: ${tokens}.`;
}
