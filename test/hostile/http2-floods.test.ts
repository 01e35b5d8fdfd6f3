import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ServiceProcess, startServiceProcess } from "../network/service-process.ts";
import { generateAt } from "../network/start-services.ts";
import { memoryLimit, peakMemory } from "./memory.ts";
import {
  callHeader,
  connectRaw,
  endHeaders,
  frame,
  headerField,
  type RawConnection,
  uint32,
} from "./raw-http2.ts";

// Frames that HTTP/2 allows, or nearly, as many as a connection takes, from an address of their own. Node's
// HTTP/2 has bounds for some of them, `Callers` for others; whoever writes a text meanwhile gets it.

let verifier: ServiceProcess;
let draft: ServiceProcess;
let expected: readonly number[];
const request = {
  prompt: { type: "text", text: "Once upon a time" },
  policy: "stream",
  maxTokens: 24,
  seed: 5,
} as const;

beforeAll(async () => {
  const common = ["--listen", "127.0.0.1:0", "--threads", "1"];
  verifier = await startServiceProcess(["verifier", ...common]);
  draft = await startServiceProcess(["draft", ...common, "--verifier", verifier.ready.address]);
  expected = (await generateAt(draft.ready.address, request)).tokenIds;
});
afterAll(async () => {
  await draft?.kill();
  await verifier?.kill();
});

const services = {
  verifier: () => ({ ...verifier, path: "/adaedl.v2.Verification/Verify" }),
  draft: () => ({ ...draft, path: "/adaedl.v1.Generation/Generate" }),
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
  /** Whether the service has to end it, however long it goes on. */
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

/** Writes a flood until the server ends the connection, or somebody stops it. */
async function flood(
  { path, ready }: ReturnType<(typeof services)[ServiceName]>,
  { first, again, ...options }: Flood,
  signal: AbortSignal,
): Promise<void> {
  const connections: RawConnection[] = [];
  try {
    for (let index = 0; index < (options.numConnections ?? 2); index++)
      connections.push(await connectRaw(ready.address, options));
    await Promise.all(
      connections.map(async (connection) => {
        if (first !== undefined) await connection.write(first(path));
        if (again === undefined) return;
        for (let round = 0; !signal.aborted; round++) {
          if (!(await connection.write(again(path, round)))) return;
          await new Promise(setImmediate); // the loop of this process is the other client's, too
        }
      }),
    );
    if (!signal.aborted && again === undefined)
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  } finally {
    for (const connection of connections) connection[Symbol.dispose]();
  }
}

describe.each(["verifier", "draft"] as const)("at a %s, a flood of", (name) => {
  test.each(Object.entries(floods))("%s", { timeout: 60_000 }, async (_, attack) => {
    const service = services[name]();
    const stopped = new AbortController();
    const attacked = flood(service, attack, stopped.signal);
    try {
      for (let text = 0; text < 3; text++) {
        const { tokenIds } = await generateAt(draft.ready.address, request);
        expect(tokenIds).toEqual(expected);
      }
      if (attack.isEnded === true) await attacked;
    } finally {
      stopped.abort();
      await attacked;
    }
    expect(peakMemory(service.pid)).toBeLessThan(memoryLimit);
  });
});
