import type { Socket } from "node:net";
import { performance } from "node:perf_hooks";

/** Bytes on their way in one direction above which no more are read from the source. */
export const maxInFlightBytes = 2 ** 20;
/** How far from its moment something may arrive, on a machine that is free. */
const toleranceMs = 0.5;

/** What one direction of a connection is made of. */
export interface LinkSettings {
  readonly source: Socket;
  readonly target: Socket;
  readonly delayMs: number;
  /** After so many bytes nothing passes any more; Infinity where there is no limit. */
  readonly limitBytes: number;
  /** Whether what the source sends now is lost. */
  swallows(): boolean;
  /** Called at each write to the target. */
  onPassed(): void;
  /** Called when a reset has arrived, or the kernel has all bytes up to the limit. */
  onReset(): void;
}

/** One direction of a connection: all that the source has sent and the target hasn't got. */
export interface Link {
  /** Bytes read from the source that the kernel has not taken for the target. */
  readonly inFlightBytes: number;
  /** Whether nothing is on its way, not even an end or a reset. */
  readonly isEmpty: boolean;
  /** Loses all that is on its way. */
  drop(): void;
}

/** Passes bytes, end and errors (as a reset) of the source on to the target, each at its time. */
export function createLink(settings: LinkSettings): Link {
  const { source, target, delayMs, limitBytes } = settings;
  const queue: { readonly what: Buffer | "end" | "reset"; readonly arrivesAt: number }[] = [];
  let queuedBytes = 0;
  let leftBytes = limitBytes;
  let isAtLimit = false;
  let isReset = false;
  let alarm: NodeJS.Timeout | undefined;

  const inFlightBytes = () => queuedBytes + target.writableLength;

  function send(what: Buffer | "end" | "reset"): void {
    if (settings.swallows() || target.destroyed || isAtLimit) return;
    queue.push({ what, arrivesAt: performance.now() + delayMs });
    if (what === "reset") isReset = true;
    else if (what !== "end") queuedBytes += what.length;
    pump();
    if (inFlightBytes() > maxInFlightBytes) source.pause();
  }

  function pump(): void {
    clearTimeout(alarm);
    for (let head = queue[0]; head !== undefined; head = queue[0]) {
      // A reset does not wait for a reader that reads nothing.
      if (target.writableNeedDrain && !isReset) break;
      const leftMs = head.arrivesAt - performance.now();
      if (leftMs > toleranceMs) {
        // Timers count whole milliseconds and cut off the rest: rounding halves the greatest error.
        alarm = setTimeout(pump, Math.max(1, Math.round(leftMs)));
        break;
      }
      queue.shift();
      if (head.what === "end") target.end();
      else if (head.what === "reset") settings.onReset();
      else pass(head.what);
    }
    if (source.isPaused() && inFlightBytes() <= maxInFlightBytes / 2) source.resume();
  }

  function pass(bytes: Buffer): void {
    queuedBytes -= bytes.length;
    settings.onPassed();
    if (bytes.length < leftBytes) {
      leftBytes -= bytes.length;
      target.write(bytes);
      return;
    }
    isAtLimit = true;
    drop();
    // Resetting sooner would take back what is still in the target's buffer.
    if (leftBytes > 0) target.write(bytes.subarray(0, leftBytes), () => settings.onReset());
    else settings.onReset();
  }

  function drop(): void {
    clearTimeout(alarm);
    queue.length = queuedBytes = 0;
    isReset = false;
    if (source.isPaused()) source.resume();
  }

  source.on("data", send);
  source.on("end", () => send("end"));
  source.on("error", () => send("reset"));
  target.on("drain", pump);
  target.on("close", drop);

  return {
    get inFlightBytes() {
      return inFlightBytes();
    },
    get isEmpty() {
      return queue.length === 0;
    },
    drop,
  };
}
