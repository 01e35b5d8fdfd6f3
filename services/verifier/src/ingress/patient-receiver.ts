import { AdaedlError } from "@adaedl/core";
import { createPatience, type VerifyRequest } from "@adaedl/protocol";

/** Messages of a client, waited for so long and no longer. */
export interface PatientReceiver {
  /** @throws AdaedlError `deadline_exceeded` when nothing comes for the idle time */
  next(): Promise<VerifyRequest | undefined>;
  /**
   * Listens for a Cancel while something else is done. Another message that comes is kept for `next`.
   * @param signal what else ends the work
   */
  untilCancel(signal: AbortSignal): CancelWatch;
}

export interface CancelWatch {
  readonly signal: AbortSignal;
  readonly isCancelled: boolean;
  /** Stops watching. */
  end(): void;
}

export function createPatientReceiver(
  receive: (signal?: AbortSignal) => Promise<VerifyRequest | undefined>,
  idleTimeoutMs: number,
): PatientReceiver {
  const patience = createPatience();
  /** A message, or its failure, that was waited for and not taken. */
  let early: Promise<VerifyRequest | undefined> | undefined;

  return {
    next() {
      const message = early ?? receive(patience.signal);
      early = undefined;
      return patience.wait(idleTimeoutMs, "nothing was sent", () => message);
    },
    untilCancel(signal) {
      const controller = new AbortController();
      const onAbort = () => controller.abort(signal.reason);
      if (signal.aborted) onAbort();
      signal.addEventListener("abort", onAbort, { once: true });
      let isCancelled = false;
      let isWatching = true;
      early ??= receive(patience.signal);
      early.then(
        (message) => {
          if (!isWatching || message?.type !== "cancel") return;
          isCancelled = true;
          controller.abort(new AdaedlError("cancelled", "the client said Cancel"));
        },
        () => {}, // whoever takes the message learns of it
      );
      return {
        signal: controller.signal,
        get isCancelled() {
          return isCancelled;
        },
        end() {
          isWatching = false;
          signal.removeEventListener("abort", onAbort);
        },
      };
    },
  };
}
