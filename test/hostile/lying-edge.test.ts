import { once } from "node:events";
import { type ClientHttp2Stream, connect } from "node:http2";
import { connect as connectTcp } from "node:net";
import type { Offer } from "@adaedl/core";
import { type Open, openVerificationClient, type VerifierDescription } from "@adaedl/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bytesOf, openBytesOf } from "../contract/validation-bytes.cases.ts";
import { openFor } from "../network/open-for.ts";
import { memoryLimit, peakMemory } from "./memory.ts";
import { type AttackedServices, startAttackedServices } from "./other-texts.ts";

// What a client can say by the letter of the protocol, all of it as fast as it can: its own session may
// come to any end; whoever else writes a text gets it. (What breaks the letter is in test/contract.)

let attacked: AttackedServices;
let description: VerifierDescription;

beforeAll(async () => {
  attacked = await startAttackedServices();
  const client = openVerificationClient({ address: attacked.verifier.ready.address });
  description = await client.describe(5_000);
  client.close();
});
afterAll(() => attacked?.[Symbol.asyncDispose]());

const prompt = [17, 300, 45, 6, 2001];

/** An Offer on the wire: so many draft tokens in a chain. */
function offer(firstId: number, numNodes: number, fields: Partial<Offer> = {}): Buffer {
  const parentOffsets = Array(numNodes).fill(1);
  if (firstId === 1 && numNodes > 0) parentOffsets[0] = 0;
  const [tokenIds, chances] = [Array(numNodes).fill(9), Buffer.alloc(numNodes)];
  return bytesOf({ offer: { firstId, parentOffsets, tokenIds, chances, credit: 0, ...fields } });
}

interface Lie {
  readonly open?: Partial<Open>;
  /** Messages again and again; without it, none. */
  again?(round: number): Buffer;
  readonly reads?: boolean;
  /** Sessions that lie at a time. */
  readonly numSessions?: number;
}

const lies: Record<string, Lie> = {
  "offers the longest drafts": { again: (round) => offer(1 + 256 * round, 256) },
  "offers single draft tokens": { again: (round) => offer(1 + round, 1) },
  "offers the same draft token": { again: () => offer(1, 1) },
  "gives no credit, again and again": { again: () => offer(1, 0) },
  "gives all credit, and does not read": {
    open: { credit: 2 ** 31 },
    reads: false,
    numSessions: 16,
  },
  "goes back to the prompt, again and again": {
    again: (round) => offer(1 + round, 1, { base: { length: 5, hash: 0n } }),
  },
};

/** A gRPC message in its envelope. */
function envelope(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** Lies until it is stopped, or the stream is over; then it begins anew. */
async function lieOnce({ open, again, reads = true }: Lie, signal: AbortSignal): Promise<void> {
  const [host, port] = attacked.verifier.ready.address.split(":");
  const session = connect(`http://${attacked.verifier.ready.address}`, {
    createConnection: () => connectTcp({ host, port: Number(port), localAddress: "127.0.0.9" }),
  });
  session.on("error", () => {});
  const stream: ClientHttp2Stream = session.request({
    ...{ ":method": "POST", ":path": "/adaedl.v2.Verification/Verify" },
    ...{ "content-type": "application/grpc", te: "trailers" },
  });
  let isOver = false;
  const over = new Promise<void>((resolve) => {
    stream.on("error", () => {}).on("close", resolve);
    signal.addEventListener("abort", () => resolve(), { once: true });
  }).then(() => {
    isOver = true;
  });
  if (reads) stream.resume();
  const fields = { credit: prompt.length, maxTokens: 400, ...open };
  stream.write(envelope(openBytesOf(openFor(description, prompt, fields))));
  for (let round = 0; again !== undefined && !isOver; round++) {
    if (stream.write(envelope(again(round)))) continue;
    await Promise.race([once(stream, "drain").catch(() => {}), over]);
    await new Promise(setImmediate);
  }
  await over;
  session.destroy();
}

test.each(Object.entries(lies))(
  "others get their texts while a client %s",
  { timeout: 120_000 },
  async (title, lie) => {
    const stopped = new AbortController();
    const lying = Array.from({ length: lie.numSessions ?? 2 }, async () => {
      while (!stopped.signal.aborted) await lieOnce(lie, stopped.signal);
    });
    try {
      await attacked.others.whileAttacked(title);
    } finally {
      stopped.abort();
      await Promise.all(lying);
    }
    expect(peakMemory(attacked.verifier.pid)).toBeLessThan(memoryLimit);
  },
);
