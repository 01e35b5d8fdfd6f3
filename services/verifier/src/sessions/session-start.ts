import type { TextStart } from "@adaedl/engine";
import type { Open } from "@adaedl/protocol";

/** A session as an ingress opens it at a worker: a text of the target, and what it was asked by. */
export interface SessionStart extends TextStart {
  /** What crosses processes: a worker elsewhere checks it again. */
  readonly open: Open;
  /** W3C context of the trace that the worker's part belongs to. */
  readonly traceparent?: string | undefined;
}
