import type { Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { createArrivalClock } from "./arrival-clock.ts";
import type { NetworkConditions } from "./conditions.ts";
import { createWakeUp, toleranceMs } from "./wake-up.ts";

/** Bytes on their way in one direction above which no more are read from the source. */
export const maxInFlightBytes = 2 ** 20;

/** What one direction of a connection is made of. */
export interface LinkSettings {
  readonly source: Socket;
  readonly target: Socket;
  readonly conditions: NetworkConditions;
  /** Whether what the source sends now is lost. */
  swallows(): boolean;
  /** Called with the number of bytes at each write to the target. */
  onPassed(numBytes: number): void;
  /** After so many bytes nothing passes any more; Infinity where there is no limit. */
  readonly limitBytes: number;
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

interface Sent {
  readonly what: Buffer | "end" | "reset";
  readonly sentMs: number;
  readonly delayMs: number;
}

/** Passes bytes, end and errors (as a reset) of the source on to the target, each at its time. */
export function createLink(settings: LinkSettings): Link {
  const { source, target, conditions, limitBytes } = settings;
  const clock = createArrivalClock(conditions);
  const wakeUp = createWakeUp(pump);
  const queue: Sent[] = [];
  let queuedBytes = 0;
  let passedBytes = 0;
  let isAtLimit = false;
  let isReset = false;
  /** Where the next piece begins in the chunk at the head of the queue, and when it arrives. */
  let offset = 0;
  let arrivalMs: number | undefined;

  const inFlightBytes = () => queuedBytes + target.writableLength;

  function send(what: Sent["what"]): void {
    if (settings.swallows() || target.destroyed || isAtLimit) return;
    queue.push({ what, sentMs: performance.now(), delayMs: conditions.oneWayMs });
    if (what === "reset") isReset = true;
    else if (what !== "end") queuedBytes += what.length;
    pump();
    if (inFlightBytes() > maxInFlightBytes) source.pause();
  }

  function pump(): void {
    for (let head = queue[0]; head !== undefined && !wakeUp.isSet; head = queue[0]) {
      // A reset does not wait for a reader that reads nothing.
      if (target.writableNeedDrain && !isReset) break;
      const { what, sentMs, delayMs } = head;
      const numBytes =
        typeof what === "string" ? 0 : Math.min(conditions.pieceBytes, what.length - offset);
      arrivalMs ??= clock.arrivalMs(numBytes, sentMs, delayMs);
      const leftMs = arrivalMs - performance.now();
      if (leftMs > toleranceMs) wakeUp.setIn(leftMs);
      else arrive(what, numBytes);
    }
    if (source.isPaused() && inFlightBytes() <= maxInFlightBytes / 2) source.resume();
  }

  function arrive(what: Sent["what"], numBytes: number): void {
    arrivalMs = undefined;
    if (typeof what === "string") {
      queue.shift();
      if (what === "end") target.end();
      else settings.onReset();
      return;
    }
    const piece = what.subarray(offset, offset + numBytes);
    offset += numBytes;
    queuedBytes -= numBytes;
    if (offset === what.length) {
      queue.shift();
      offset = 0;
    }
    pass(piece);
  }

  function pass(piece: Buffer): void {
    const numLeft = limitBytes - passedBytes;
    isAtLimit = piece.length >= numLeft;
    const passed = isAtLimit ? piece.subarray(0, numLeft) : piece;
    passedBytes += passed.length;
    settings.onPassed(passed.length);
    if (!isAtLimit) {
      target.write(passed);
      if (conditions.isSliced) wakeUp.setNextTurn();
      return;
    }
    drop();
    // Resetting sooner would take back what is still in the target's buffer.
    if (numLeft > 0) target.write(passed, () => settings.onReset());
    else settings.onReset();
  }

  function drop(): void {
    wakeUp.clear();
    queue.length = queuedBytes = offset = 0;
    arrivalMs = undefined;
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
