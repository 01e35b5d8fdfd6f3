import type { RoundAnswer, RoundRequest, SessionOpened, SessionStart } from "@adaedl/engine";

/** What an ingress asks of a worker: plain data, so that it may cross a process. */
export type TargetJob =
  | ({ readonly type: "open"; readonly start: SessionStart } & Traced)
  | ({ readonly type: "round"; readonly request: RoundRequest } & Traced);

interface Traced {
  /** W3C context of the trace that the worker's part belongs to. */
  readonly traceparent?: string | undefined;
}

export type TargetAnswer =
  | ({ readonly type: "opened" } & SessionOpened)
  | ({ readonly type: "answer" } & RoundAnswer);
