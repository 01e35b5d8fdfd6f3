import { once } from "node:events";
import type { Writable } from "node:stream";
import { throwIfAborted } from "@adaedl/core";
import { withDeadline } from "./deadline.ts";

/**
 * Writes one message and, where the stream says it has enough, waits until it wants more: what a slow
 * reader does not take stays unwritten instead of filling memory.
 * @throws AdaedlError `deadline_exceeded` when the reader takes nothing for `timeoutMs`, or what the
 *   signal was aborted with
 */
export async function writeMessage(
  stream: Writable,
  message: unknown,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  throwIfAborted(signal);
  if (stream.write(message)) return;
  await withDeadline(timeoutMs, "the other side took nothing", signal, (signal) =>
    once(stream, "drain", { signal }),
  );
}
