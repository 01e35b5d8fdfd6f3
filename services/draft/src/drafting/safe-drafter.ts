import { setTimeout as sleep } from "node:timers/promises";
import { AdaedlError, type Drafter, type FallbackReason } from "@adaedl/core";
import {
  type BranchingDrafter,
  type DrafterOptions,
  openBranchingDrafter,
  type SlotSettings,
} from "@adaedl/engine";
import type { Logger } from "@adaedl/telemetry";
import type { DraftModel } from "./draft-model.ts";

/** Longest prompt, in tokens, that is computed together with the first draft. */
const shortPrompt = 64;
/** How long the first draft waits for the draft model to compute a longer one. */
const prefillPatienceMs = 1_000;

/**
 * Drafts for one request, as long as it can. A failure ends the drafting and not the request: the target
 * goes on without drafts. So it does while the draft model computes a long prompt, except under the
 * rejection rule, where the text depends on what was drafted.
 * @param settings as of the target
 * @param options as of `openBranchingDrafter`
 */
export async function openSafeDrafter(
  model: DraftModel,
  settings: SlotSettings,
  options: DrafterOptions,
  logger: Logger,
  signal: AbortSignal | undefined,
): Promise<Drafter> {
  const lease = model.lease();
  const thread = lease?.thread;
  let drafter: BranchingDrafter | undefined;
  let obstacle: FallbackReason | undefined;
  let prefill: Promise<void> | undefined;
  let isPrefilled = settings.verification === "rejection";
  const closing = new AbortController();
  const ended = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal;

  function fail(thrown: unknown): FallbackReason {
    const error = AdaedlError.from(thrown);
    obstacle = "draft_failed";
    logger.warn({ error: error.message }, "the draft model failed; going on without it");
    if (thread !== undefined) model.failed(thread, error);
    return obstacle;
  }

  if (thread === undefined) obstacle = "draft_failed";
  else {
    try {
      drafter = await openBranchingDrafter(thread, settings, options, signal);
    } catch (error) {
      lease?.release();
      if (signal?.aborted) throw error;
      fail(error);
    }
  }

  /** @returns whether the prompt is computed, or so short that it soon will be */
  async function isReady(
    tokenIds: readonly number[],
    { prefill: compute }: BranchingDrafter,
  ): Promise<boolean> {
    isPrefilled ||= prefill === undefined && tokenIds.length <= shortPrompt;
    if (isPrefilled || prefill !== undefined) return isPrefilled;
    prefill = compute(tokenIds, ended).then(
      () => {
        isPrefilled = true;
      },
      (error) => {
        if (!ended.aborted) fail(error);
      },
    );
    await Promise.race([prefill, sleep(prefillPatienceMs, undefined, { ref: false })]);
    return isPrefilled;
  }

  return {
    async propose(text, length, paths, numCandidates, signal) {
      if (drafter === undefined || obstacle !== undefined)
        return { obstacle: obstacle ?? "draft_failed" };
      try {
        if (await isReady(text.tokenIds.slice(0, length), drafter))
          return await drafter.propose(text, length, paths, numCandidates, signal);
        return obstacle === undefined ? { places: [] } : { obstacle };
      } catch (error) {
        if (signal?.aborted || ended.aborted) throw error;
        return { obstacle: fail(error) };
      }
    },
    get numForwards() {
      return drafter?.numForwards ?? 0;
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      await drafter?.close().catch(() => {}); // a thread that is gone has nothing left to close
      lease?.release();
    },
  };
}
