import { AdaedlError, defaultSamplingParams, maxDraftWidth, Text } from "@adaedl/core";
import {
  createStepScheduler,
  type ModelThread,
  type ModelThreadOptions,
  openBranchingDrafter,
  openModelThread,
} from "@adaedl/engine";
import type { Logger } from "@adaedl/telemetry";

/**
 * The draft model in its thread. A thread that dies is replaced; until then there is no model. One whose weights are replaced
 * stays until the last text that it drafts for has ended: no text is drafted by two versions, whose caches would not fit.
 */
export interface DraftModel extends AsyncDisposable {
  readonly contextLength: number;
  /** Undefined while the model is being opened again. */
  readonly thread: ModelThread | undefined;
  /** The thread for one text, which stays open until `release`, unless it dies. Undefined where there is none. */
  lease(): ThreadLease | undefined;
  /**
   * Texts that begin from now on are drafted by the weights of this directory, in the same settings. Resolves when no text
   * uses those before.
   * @throws AdaedlError when they cannot be opened; nothing has changed then
   */
  replace(directory: string, signal?: AbortSignal): Promise<void>;
  /** Told when a thread failed: one that is gone is replaced. */
  failed(thread: ModelThread, error: AdaedlError): void;
  close(): Promise<void>;
}

export interface ThreadLease {
  readonly thread: ModelThread;
  /** May be called again. */
  release(): void;
}

const reopenPauseMs = 1_000;

/** @throws AdaedlError when the model cannot be run */
export async function openDraftModel(
  options: ModelThreadOptions,
  logger: Logger,
  signal?: AbortSignal,
): Promise<DraftModel> {
  const open = async (model: ModelThreadOptions, signal?: AbortSignal) => {
    const opened = createStepScheduler(await openModelThread(model, signal));
    await warmUp(opened).catch(() => {}); // whoever drafts finds out what is wrong
    return opened;
  };
  let current = options;
  let thread: ModelThread | undefined = await open(current, signal);
  const leases = new Leases();
  const { contextLength } = thread.info;
  let isClosed = false;
  let reopening: Promise<void> | undefined;

  async function reopen(dead: ModelThread): Promise<void> {
    await dead.close();
    while (!isClosed) {
      try {
        const opened = await open(current);
        if (isClosed || thread !== undefined) await opened.close();
        else thread = opened;
        return;
      } catch (error) {
        logger.error({ error: String(error) }, "the draft model cannot be opened again");
        await new Promise((resolve) => setTimeout(resolve, reopenPauseMs));
      }
    }
  }

  async function replace(directory: string, signal?: AbortSignal): Promise<void> {
    const next = { ...options, directory };
    const opened = await open(next, signal);
    if (isClosed || signal?.aborted) {
      await opened.close();
      throw AdaedlError.fromAbort(signal?.reason);
    }
    const before = thread;
    [thread, current] = [opened, next];
    if (before === undefined) return;
    await leases.ended(before);
    await before.close();
  }

  const close = async () => {
    isClosed = true;
    await thread?.close();
    await leases.closeAll();
    await reopening;
  };
  return {
    contextLength,
    get thread() {
      return thread;
    },
    lease: () => thread && leases.lease(thread),
    replace,
    failed(failed, error) {
      if (failed !== thread || error.code !== "unavailable" || isClosed) return;
      thread = undefined;
      reopening = reopen(failed);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Which threads have texts. */
class Leases {
  readonly #numTexts = new Map<ModelThread, number>();
  /** Told when a thread has none any more. */
  readonly #onEnded = new Map<ModelThread, () => void>();

  lease(thread: ModelThread): ThreadLease {
    this.#numTexts.set(thread, (this.#numTexts.get(thread) ?? 0) + 1);
    let isReleased = false;
    const release = () => {
      if (isReleased) return;
      isReleased = true;
      const numLeft = (this.#numTexts.get(thread) as number) - 1;
      this.#numTexts.set(thread, numLeft);
      if (numLeft > 0) return;
      this.#numTexts.delete(thread);
      this.#onEnded.get(thread)?.();
    };
    return { thread, release };
  }

  async ended(thread: ModelThread): Promise<void> {
    if (!this.#numTexts.has(thread)) return;
    await new Promise<void>((resolve) => this.#onEnded.set(thread, resolve));
    this.#onEnded.delete(thread);
  }

  /** Those that wait for their end: it is now. */
  async closeAll(): Promise<void> {
    for (const [thread, onEnded] of this.#onEnded) {
      await thread.close();
      onEnded();
    }
  }
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
