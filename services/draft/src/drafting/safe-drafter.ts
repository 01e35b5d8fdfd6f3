import { AdaedlError, type Drafter, type FallbackReason, type Round } from "@adaedl/core";
import { type DraftSession, openDraftSession, type SlotSettings } from "@adaedl/engine";
import type { Logger } from "@adaedl/telemetry";
import type { DraftModel } from "./draft-model.ts";

/** A drafter that may fail to draft, but never fails its request. */
export interface SafeDrafter extends Drafter, AsyncDisposable {
  readonly numForwards: number;
}

/**
 * Drafts for one request, as long as it can. Whatever goes wrong ends the draft, and the request goes
 * on without: the verifier could write the text alone.
 * @param settings with `numDraftTokenIds`, the ids that the target has, too
 */
export async function openSafeDrafter(
  model: DraftModel,
  settings: SlotSettings,
  logger: Logger,
  signal: AbortSignal | undefined,
): Promise<SafeDrafter> {
  const { thread } = model;
  let session: DraftSession | undefined;
  let obstacle: FallbackReason | undefined;

  function fail(thrown: unknown): void {
    const error = AdaedlError.from(thrown);
    obstacle = "draft_failed";
    logger.warn({ error: error.message }, "the draft model failed; going on without it");
    if (thread !== undefined) model.failed(thread, error);
  }

  if (thread === undefined) obstacle = "draft_failed";
  else {
    try {
      session = await openDraftSession(thread, settings, signal);
    } catch (error) {
      if (signal?.aborted) throw error;
      fail(error);
    }
  }

  return {
    async *draft(round: Round, signal?: AbortSignal) {
      if (session === undefined || obstacle !== undefined) return;
      try {
        yield* session.draft(round, signal);
      } catch (error) {
        if (signal?.aborted) throw error;
        fail(error);
      }
    },
    obstacle: (sequence) => obstacle ?? session?.obstacle?.(sequence),
    get numForwards() {
      return session?.numForwards ?? 0;
    },
    async [Symbol.asyncDispose]() {
      await session?.close().catch(() => {}); // a thread that is gone has nothing left to close
    },
  };
}
