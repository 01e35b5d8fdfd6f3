import { AdaedlError } from "@adaedl/core";
import type { ModelThread } from "@adaedl/engine";

/** A model thread whose end is noticed. */
export interface WatchedThread {
  readonly thread: ModelThread;
  /** Resolves when the thread is gone. */
  readonly lost: Promise<AdaedlError>;
}

export function watchThread(thread: ModelThread): WatchedThread {
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
    thread: {
      ...thread,
      openSlot: (settings, signal) => thread.openSlot(settings, signal).catch(notice),
      forward: (steps, signal) => thread.forward(steps, signal).catch(notice),
    },
  };
}
