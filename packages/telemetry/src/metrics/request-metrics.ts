import type { requestLife } from "./catalogue.ts";
import type { Recorder } from "./instruments.ts";

/** Whose doing it was that a request that had been let in failed. */
export type FailureReason = "cancelled" | "request" | "service";

/** @param code of the error it failed with: `invalid_argument` and `out_of_range` are the caller's fault */
export function failureReasonOf(code: string): FailureReason {
  if (code === "cancelled") return "cancelled";
  return code === "invalid_argument" || code === "out_of_range" ? "request" : "service";
}

/** A generation that came to its end. */
export interface FinishedGeneration {
  readonly finishReason: "stop" | "length";
  readonly numPromptTokens: number;
  readonly sinceRequestMs: number;
}

/** A recorder that knows the life of generations. */
export interface RequestMetrics<C extends typeof requestLife> extends Recorder<C> {
  failed(reason: FailureReason): void;
  firstToken(sinceRequestMs: number): void;
  nextToken(sinceLastMs: number): void;
  finished(generation: FinishedGeneration): void;
}

/** @param recorder of any catalogue that has these metrics among its own */
export function requestMetrics<C extends typeof requestLife>(
  recorder: Recorder<C>,
): RequestMetrics<C> {
  const { count, countAs, observe } = recorder as unknown as Recorder<typeof requestLife>; // a part of C
  return {
    ...recorder,
    failed: (reason) => countAs("request_failure_total", reason),
    firstToken(sinceRequestMs) {
      count("generation_tokens_total");
      observe("time_to_first_token_seconds", sinceRequestMs / 1000);
    },
    nextToken(sinceLastMs) {
      count("generation_tokens_total");
      observe("inter_token_latency_seconds", sinceLastMs / 1000);
    },
    finished({ finishReason, numPromptTokens, sinceRequestMs }) {
      countAs("request_success_total", finishReason);
      count("prompt_tokens_total", numPromptTokens);
      observe("e2e_request_latency_seconds", sinceRequestMs / 1000);
    },
  };
}
