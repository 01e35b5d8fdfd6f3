import { setImmediate as nextTurn } from "node:timers/promises";
import { parentPort } from "node:worker_threads";
import { AdaedlError, throwIfAborted } from "@adaedl/core";
import { type HostMessage, openingId, type WorkerAnswer } from "../messages.ts";
import { toErrorMessage } from "./model-slots.ts";

/** What a worker thread has opened. */
export interface Served<Request> {
  /** Sent to the host. */
  readonly info?: unknown;
  handle(request: Request): Promise<unknown>;
  /** Memory of an answer that the host gets instead of a copy. */
  readonly handsOver?: (value: unknown) => readonly ArrayBuffer[];
  /** Work between requests, a piece at a time; `false` when there is none left. */
  readonly ahead?: () => Promise<boolean>;
}

/**
 * The worker's end of a channel: opens what it serves, then answers requests one after the other, in the order they came
 * in. A request of type `close` is the last.
 * @param open its signal aborts when the host waits no longer; what it returns is closed by the request `close`
 * @param undo closes what was opened although nobody waits any more
 */
export async function serveRequests<Request extends { readonly type: string }, Opened>(
  open: (signal: AbortSignal) => Promise<Opened>,
  undo: (opened: Opened) => Promise<void>,
  serve: (opened: Opened) => Served<Request>,
): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error("this module is the entry of a worker thread");
  const answer = (message: WorkerAnswer, handedOver: readonly ArrayBuffer[] = []) =>
    port.postMessage(message, handedOver);
  // The host has the log.
  process.removeAllListeners("warning");
  process.on("warning", ({ name, message }) => answer({ type: "warning", name, message }));

  /** Until it is open, the only message that counts is that nobody waits for it any more. */
  const opening = new AbortController();
  const onOpening = (message: HostMessage<Request>) => {
    if ("cancelledId" in message && message.cancelledId === openingId) opening.abort();
  };
  port.on("message", onOpening);
  try {
    const opened = await open(opening.signal);
    if (opening.signal.aborted) await undo(opened);
    throwIfAborted(opening.signal);
    const { info, handle, handsOver, ahead } = serve(opened);
    port.off("message", onOpening);

    let queue = Promise.resolve();
    let lastId = openingId;
    const cancelledIds = new Set<number>();
    port.on("message", (message: HostMessage<Request>) => {
      if ("cancelledId" in message) {
        if (message.cancelledId > lastId) cancelledIds.add(message.cancelledId);
        return;
      }
      const { id, request } = message;
      queue = queue.then(async () => {
        await nextTurn(); // cancellations that came in during the last request count
        lastId = id;
        try {
          if (cancelledIds.delete(id)) throw new AdaedlError("cancelled", "nobody waits any more");
          const value = await handle(request);
          answer({ type: "done", id, value }, handsOver?.(value));
        } catch (error) {
          answer({ type: "failed", id, error: toErrorMessage(error) });
        }
        if (request.type === "close") port.close();
      });
    });
    answer({ type: "opened", info });
    // One after the other, so that requests are answered in between. What fails here fails where it is needed, too.
    const workAhead = async (): Promise<void> => {
      await nextTurn();
      if (await ahead?.().catch(() => false)) queue = queue.then(workAhead);
    };
    queue = queue.then(workAhead);
  } catch (error) {
    answer({ type: "failed", id: openingId, error: toErrorMessage(error) });
    port.close(); // nothing keeps the thread alive then
  }
}
