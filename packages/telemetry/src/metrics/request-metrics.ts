import type { requestLife } from "./catalogue.ts";
import type { Recorder } from "./instruments.ts";

/** Whose doing it was that a request that had been let in failed. */
export type FailureReason = "cancelled" | "request" | "service";

/** @param code of the error it failed with: who is told "your request is wrong" has done it himself */
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

/** The life of generations, wherever they are served. Nothing here can fail or wait. */
export interface RequestMetrics {
  failed(reason: FailureReason): void;
  firstToken(sinceRequestMs: number): void;
  nextToken(sinceLastMs: number): void;
  finished(generation: FinishedGeneration): void;
}

/** @param of any catalogue that has these metrics among its own */
export function requestMetrics<C extends typeof requestLife>(of: Recorder<C>): RequestMetrics {
  const { count, observe } = of as unknown as Recorder<typeof requestLife>; // a part of C
  const token = () => count("generation_tokens_total", undefined);
  return {
    failed: (reason) => count("request_failure_total", reason),
    firstToken(sinceRequestMs) {
      token();
      observe("time_to_first_token_seconds", sinceRequestMs / 1000);
    },
    nextToken(sinceLastMs) {
      token();
      observe("inter_token_latency_seconds", sinceLastMs / 1000);
    },
    finished({ finishReason, numPromptTokens, sinceRequestMs }) {
      count("request_success_total", finishReason);
      count("prompt_tokens_total", undefined, numPromptTokens);
      observe("e2e_request_latency_seconds", sinceRequestMs / 1000);
    },
  };
}
