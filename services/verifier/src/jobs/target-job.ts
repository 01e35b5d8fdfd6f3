import type { RoundAnswer, RoundRequest, SessionOpened, SessionStart } from "@adaedl/engine";

/** What an ingress asks of a worker: plain data, so that it may cross a process. */
export type TargetJob =
  | { readonly type: "open"; readonly start: SessionStart }
  | { readonly type: "round"; readonly request: RoundRequest };

export type TargetAnswer =
  | ({ readonly type: "opened" } & SessionOpened)
  | ({ readonly type: "answer" } & RoundAnswer);
