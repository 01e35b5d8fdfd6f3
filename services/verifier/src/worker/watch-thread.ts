import { AdaedlError } from "@adaedl/core";
import type { ModelThread } from "@adaedl/engine";

/** A model thread with its completed steps counted and its end noticed. */
export interface WatchedThread {
  readonly thread: ModelThread;
  numSteps(): number;
  /** Resolves when the thread is gone. */
  readonly lost: Promise<AdaedlError>;
}

export function watchThread(thread: ModelThread): WatchedThread {
  let numSteps = 0;
  let lose: (error: AdaedlError) => void = () => {};
  const lost = new Promise<AdaedlError>((resolve) => {
    lose = resolve;
  });
  /** Only a thread that is gone is unavailable. */
  function notice(error: unknown): never {
    if (error instanceof AdaedlError && error.code === "unavailable") lose(error);
    throw error;
  }
  return {
    lost,
    numSteps: () => numSteps,
    thread: {
      ...thread,
      openSlot: (settings, signal) => thread.openSlot(settings, signal).catch(notice),
      async forward(steps, signal) {
        const results = await thread.forward(steps, signal).catch(notice);
        numSteps++;
        return results;
      },
    },
  };
}
