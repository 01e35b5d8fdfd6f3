import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memoryLimit, peakMemory } from "./memory.ts";
import { type AttackedServices, startAttackedServices } from "./other-texts.ts";
import { callHeader, connectRaw, endHeaders, frame, headerField, uint32 } from "./raw-http2.ts";

// Frames that HTTP/2 allows, or nearly, as many as a connection takes, from an address of their own. Node's
// HTTP/2 has bounds for some of them, `Callers` for others; whoever writes a text meanwhile gets it.

let attacked: AttackedServices;
beforeAll(async () => {
  attacked = await startAttackedServices();
});
afterAll(() => attacked?.[Symbol.asyncDispose]());

const services = {
  verifier: () => ({ ...attacked.verifier, path: "/adaedl.v2.Verification/Verify" }),
  draft: () => ({ ...attacked.draft, path: "/adaedl.v1.Generation/Generate" }),
};
type ServiceName = keyof typeof services;

/** What is written first, and then again and again; undefined: nothing is. */
interface Flood {
  readonly first?: (path: string) => Uint8Array;
  readonly again?: (path: string, round: number) => Uint8Array;
  readonly settings?: Uint8Array<ArrayBuffer>;
  readonly reads?: boolean;
  readonly saysPreface?: boolean;
  readonly numConnections?: number;
  /** Whether the service has to end its connections. */
  readonly isEnded?: boolean;
}

const idOf = (round: number) => 2 * round + 1; // streams of a client have odd ids
const openCall = (path: string, round = 0) =>
  frame("headers", callHeader(path), { flags: endHeaders, streamId: idOf(round) });
const many = (bytes: Uint8Array, count: number) => Buffer.concat(Array(count).fill(bytes));
const cancel = uint32(8);

const floods: Record<string, Flood> = {
  "calls that are reset at once": {
    isEnded: true,
    again: (path, round) =>
      Buffer.concat(
        Array.from({ length: 100 }, (_, index) => {
          const streamId = idOf(100 * round + index);
          const reset = frame("resetStream", cancel, { streamId });
          return Buffer.concat([openCall(path, 100 * round + index), reset]);
        }),
      ),
  },
  "calls that nothing is sent on": {
    again: (path, round) =>
      Buffer.concat(Array.from({ length: 100 }, (_, index) => openCall(path, 100 * round + index))),
  },
  "a header without an end": {
    first: (path) => frame("headers", callHeader(path), { streamId: 1 }),
    again: () =>
      many(frame("continuation", headerField("x", "y".repeat(100)), { streamId: 1 }), 50),
  },
  "empty continuations of a header": {
    first: (path) => frame("headers", callHeader(path), { streamId: 1 }),
    again: () => many(frame("continuation", new Uint8Array(0), { streamId: 1 }), 500),
  },
  "a header of one long field, a thousand times": {
    isEnded: true,
    // A literal that is added to the table (index 62), then named by its index.
    again: (path, round) => {
      const added = Buffer.from(headerField("x", "y".repeat(3_000)));
      added[0] = 0x40;
      const header = Buffer.concat([callHeader(path), added, Buffer.alloc(1_000, 0x80 | 62)]);
      return frame("headers", header, { flags: endHeaders, streamId: idOf(round) });
    },
  },
  "pings, answers unread": {
    again: () => many(frame("ping", new Uint8Array(8)), 500),
    reads: false,
  },
  "settings, answers unread": {
    again: () => many(frame("settings", new Uint8Array(0)), 500),
    reads: false,
  },
  "data without bytes": {
    first: (path) => openCall(path),
    again: () => many(frame("data", new Uint8Array(0), { streamId: 1 }), 500),
  },
  "windows that grow by one": {
    first: (path) => openCall(path),
    again: () => many(frame("windowUpdate", uint32(1), { streamId: 1 }), 500),
  },
  "priorities of calls that are not there": {
    again: (_, round) =>
      many(frame("priority", Buffer.from([0, 0, 0, 0, 1]), { streamId: idOf(round) }), 500),
  },
  "calls that are wrong, answers blocked by windows of nothing": {
    isEnded: true,
    settings: Buffer.concat([Buffer.from([0, 4]), uint32(0)]), // SETTINGS_INITIAL_WINDOW_SIZE
    again: (path, round) => {
      const data = frame("data", Buffer.from([0, 0, 0, 0, 0]), { flags: 1, streamId: idOf(round) });
      return Buffer.concat([openCall(path, round), data]);
    },
  },
  "connections that say nothing": { saysPreface: false, numConnections: 300 },
  "connections that say hello": { numConnections: 300 },
};

/** Floods until it is stopped, over a new connection when one is ended. @returns how many were ended */
async function flood(
  { path, ready }: ReturnType<(typeof services)[ServiceName]>,
  { first, again, numConnections = 2, ...options }: Flood,
  signal: AbortSignal,
): Promise<number> {
  let numEnded = 0;
  async function floodOne(): Promise<void> {
    using connection = await connectRaw(ready.address, options);
    if (first !== undefined) await connection.write(first(path));
    for (let round = 0; !signal.aborted && !connection.isEnded; round++) {
      if (again === undefined) await sleep(50);
      else await connection.write(again(path, round));
      await new Promise(setImmediate); // the loop of this process is the other client's, too
    }
    if (connection.isEnded) numEnded++;
  }
  const flooding = Array.from({ length: numConnections }, async () => {
    while (!signal.aborted) {
      await floodOne();
      await sleep(10);
    }
  });
  await Promise.all(flooding);
  return numEnded;
}

describe.each(["verifier", "draft"] as const)("at a %s, a flood of", (name) => {
  test.each(Object.entries(floods))("%s", { timeout: 120_000 }, async (title, attack) => {
    const service = services[name]();
    const stopped = new AbortController();
    const flooding = flood(service, attack, stopped.signal);
    let numEnded = 0;
    try {
      await attacked.others.whileAttacked(title);
    } finally {
      stopped.abort();
      numEnded = await flooding;
    }
    if (attack.isEnded === true) expect(numEnded).toBeGreaterThan(0);
    expect(peakMemory(service.pid)).toBeLessThan(memoryLimit);
  });
});
