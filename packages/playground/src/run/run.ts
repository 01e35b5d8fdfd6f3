import type { ApiKey } from "../api/api-key.ts";
import { complete } from "../api/complete.ts";
import type { CompletionRequest } from "../api/request-body.ts";
import { idleRun, nextRunState, type RunEvent, type RunState } from "./run-state.ts";

/** What a run needs besides its request. */
export interface RunContext {
  readonly key: ApiKey;
  readonly signal: AbortSignal;
  /** Called after each event, many times per frame. */
  onChange(state: RunState): void;
}

/**
 * Runs one completion to its end, whichever that is.
 *
 * @returns The last state, and what went wrong if anything did.
 */
export async function run(
  request: CompletionRequest,
  { key, signal, onChange }: RunContext,
): Promise<{ readonly state: RunState; readonly error?: unknown }> {
  let state = idleRun;
  function happen(event: RunEvent): void {
    state = nextRunState(state, event);
    onChange(state);
  }
  const atMs = () => performance.now();
  happen({ type: "started", atMs: atMs() });
  try {
    for await (const chunk of complete(request, key, signal))
      happen({ type: "chunk", chunk, atMs: atMs() });
    happen({ type: "finished", atMs: atMs() });
    return { state };
  } catch (error) {
    if (signal.aborted) {
      happen({ type: "stopped", atMs: atMs() });
      return { state };
    }
    const message = error instanceof Error ? error.message : String(error);
    happen({ type: "failed", message, atMs: atMs() });
    return { state, error };
  }
}
