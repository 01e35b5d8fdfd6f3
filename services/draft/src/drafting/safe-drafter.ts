import { setTimeout as sleep } from "node:timers/promises";
import { AdaedlError, type Drafter, type FallbackReason, type Round } from "@adaedl/core";
import { type DraftSession, openDraftSession, type SlotSettings } from "@adaedl/engine";
import type { Logger } from "@adaedl/telemetry";
import type { DraftModel } from "./draft-model.ts";

/** A drafter that may fail to draft, but never fails its request. */
export interface SafeDrafter extends Drafter, AsyncDisposable {
  readonly numForwards: number;
}

/** Longest prompt, in tokens, that is computed together with the first draft. */
const shortPrompt = 64;
/** How long the first round waits for the draft model to compute a longer one. */
const prefillPatienceMs = 1_000;

/**
 * Drafts for one request, as long as it can. A failure ends the draft and not the request: the verifier
 * decodes without drafts. So it does while the draft model computes a long prompt, except under the
 * rejection rule, where the text depends on what was drafted.
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
  let prefill: Promise<void> | undefined;
  let isPrefilled = settings.verification === "rejection";
  const closing = new AbortController();

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

  /** @returns whether the prompt is computed, or so short that it soon will be */
  async function isReady({ text }: Round, session: DraftSession): Promise<boolean> {
    isPrefilled ||= prefill === undefined && text.length <= shortPrompt;
    if (isPrefilled || prefill !== undefined) return isPrefilled;
    const { signal: closed } = closing;
    prefill = session
      .prefill([...text.tokenIds], signal ? AbortSignal.any([signal, closed]) : closed)
      .then(
        () => {
          isPrefilled = true;
        },
        (error) => {
          if (!signal?.aborted && !closed.aborted) fail(error);
        },
      );
    await Promise.race([prefill, sleep(prefillPatienceMs, undefined, { ref: false })]);
    return isPrefilled;
  }

  return {
    async *draft(round: Round, signal?: AbortSignal) {
      if (session === undefined || obstacle !== undefined) return;
      try {
        if (!(await isReady(round, session))) return;
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
      closing.abort();
      await session?.close().catch(() => {}); // a thread that is gone has nothing left to close
    },
  };
}
