import type { RunState } from "../run/run-state.ts";
import { statisticsOf } from "../run/statistics.ts";
import { elementById } from "./elements.ts";
import { counted, duration } from "./numbers.ts";

/** The line that says what goes on; read out when it changes, so it changes seldom. */
export interface Status {
  say(text: string, kind?: "plain" | "running" | "error"): void;
}

/** The status line of index.html. */
export function createStatus(): Status {
  const line = elementById("status", HTMLElement);
  return {
    say(text, kind = "plain") {
      line.dataset.kind = kind;
      line.textContent = text;
    },
  };
}

/** How a run ended, in a sentence. */
export function endSentence(state: RunState): string {
  const { numTokens, durationMs } = statisticsOf(state);
  const tokens = `${counted(numTokens, "token")} in ${duration(durationMs)}`;
  if (state.phase === "failed") return state.error ?? "The run failed.";
  if (state.phase === "stopped") return `Stopped after ${tokens}.`;
  return state.finishReason === "length"
    ? `Finished: ${tokens}, as many tokens as were asked for.`
    : `Finished: ${tokens}.`;
}
