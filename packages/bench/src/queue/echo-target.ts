import type { SessionCodec, SessionWorker } from "@adaedl/batching";
import { type Offer, Outbox, type TargetMessage } from "@adaedl/core";
import {
  decodeRequestBytes,
  decodeResponseBytes,
  encodeRequestBytes,
  encodeResponseBytes,
} from "@adaedl/protocol";

export interface EchoStart {
  readonly sessionId: string;
}

/** An offer as large as real ones. */
export function echoOffer(firstId: number): Offer {
  const nodes = Array.from({ length: 5 }, (_, index) => {
    return { parent: index === 0 ? 0 : firstId + index - 1, tokenId: 1000 + index, chance: 0.5 };
  });
  return { base: { length: firstId, hash: 2n ** 64n - 1n }, firstId, nodes, credit: firstId + 1 };
}

function commitOf({ firstId, nodes }: Offer): TargetMessage {
  const tokenIds = nodes.map(({ tokenId }) => tokenId);
  const commit = { position: firstId, tokenIds, numJudged: nodes.length, numAccepted: 4 };
  const facts = { queueMs: 0, verifyMs: 0, batchSize: 1, logprobs: [], topLogprobs: [] };
  return { type: "commit", commit, facts };
}

/** A target that answers each offer at once: what is measured is the way. */
export const echoTarget: SessionWorker<EchoStart> = {
  open() {
    const outbox = new Outbox<TargetMessage>();
    outbox.push({ type: "opened", queueMs: 0, verifyMs: 0, numForwards: 0 });
    return {
      offer: (offer) => outbox.push(commitOf(offer)),
      cancel() {
        outbox.push({ type: "finished", reason: "cancelled" });
        outbox.end();
      },
      messages: outbox,
      close: () => outbox.end(),
    };
  },
  numForwards: 0,
  numFree: 1024,
  canMakeRoom: false,
};

const toText = (bytes: Buffer) => bytes.toString("base64");
const toBytes = (text: string) => Buffer.from(text, "base64");

/** As the verifier's, but for its checks. */
export const echoCodec: SessionCodec<EchoStart> = {
  routeOf: ({ sessionId }) => ({ sessionId, client: "bench", length: 0, credit: 0 }),
  encodeStart: (start) => start,
  decodeStart: (plain) => plain as EchoStart,
  encodeUp: (message) => toText(encodeRequestBytes(message)),
  decodeUp: (text) => decodeRequestBytes(toBytes(text)) as ReturnType<typeof echoCodec.decodeUp>,
  encodeDown: (message) => toText(encodeResponseBytes(message)),
  decodeDown: (text) => decodeResponseBytes(toBytes(text)) as TargetMessage,
};
