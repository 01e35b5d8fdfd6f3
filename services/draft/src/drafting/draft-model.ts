import { type AdaedlError, defaultSamplingParams, maxDraftWidth, Text } from "@adaedl/core";
import {
  createStepScheduler,
  type ModelThread,
  type ModelThreadOptions,
  openBranchingDrafter,
  openModelThread,
} from "@adaedl/engine";
import type { Logger } from "@adaedl/telemetry";

/** The draft model in its thread. A thread that dies is replaced; until then there is no model. */
export interface DraftModel extends AsyncDisposable {
  readonly contextLength: number;
  /** Undefined while the model is being opened again. */
  readonly thread: ModelThread | undefined;
  /** Told when a thread failed: one that is gone is replaced. */
  failed(thread: ModelThread, error: AdaedlError): void;
  close(): Promise<void>;
}

const reopenPauseMs = 1_000;

/** @throws AdaedlError when the model cannot be run */
export async function openDraftModel(
  options: ModelThreadOptions,
  logger: Logger,
  signal?: AbortSignal,
): Promise<DraftModel> {
  const open = async () => {
    const opened = createStepScheduler(await openModelThread(options, signal));
    await warmUp(opened).catch(() => {}); // whoever drafts finds out what is wrong
    return opened;
  };
  let thread: ModelThread | undefined = await open();
  const { contextLength } = thread.info;
  let isClosed = false;
  let reopening: Promise<void> | undefined;

  async function reopen(dead: ModelThread): Promise<void> {
    await dead.close();
    while (!isClosed) {
      try {
        const opened = await open();
        if (isClosed) await opened.close();
        else thread = opened;
        return;
      } catch (error) {
        logger.error({ error: String(error) }, "the draft model cannot be opened again");
        await new Promise((resolve) => setTimeout(resolve, reopenPauseMs));
      }
    }
  }

  const close = async () => {
    isClosed = true;
    await thread?.close();
    await reopening;
  };
  return {
    contextLength,
    get thread() {
      return thread;
    },
    failed(failed, error) {
      if (failed !== thread || error.code !== "unavailable" || isClosed) return;
      thread = undefined;
      reopening = reopen(failed);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The memory that the runtime sets up for a forward of each width takes longer than a forward: not in a request. */
async function warmUp(thread: ModelThread): Promise<void> {
  const settings = {
    ...{ sampling: defaultSamplingParams, seed: 0, numPromptTokens: 1 },
    verification: "shared-noise",
  } as const;
  await using drafter = await openBranchingDrafter(thread, settings, { width: maxDraftWidth });
  const paths = Array.from({ length: maxDraftWidth }, (_, tokenId) => [tokenId]);
  for (const width of [1, 2, maxDraftWidth])
    await drafter.propose(new Text([0]), 1, paths.slice(0, width), 1);
}
