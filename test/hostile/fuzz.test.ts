import { AdaedlError } from "@adaedl/core";
import { soakRuns, soakTimeoutMs } from "@adaedl/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  toSessionIngress,
  toSessionWorker,
} from "../../packages/batching/src/redis/channel-messages.ts";
import { Membership } from "../../packages/batching/src/redis/membership.ts";
import {
  maxPublicationBytes,
  readPublication,
} from "../../packages/batching/src/redis/publications.ts";
import { createSeal } from "../../packages/batching/src/redis/seal.ts";
import { errorAnswer } from "../../services/gateway/src/http/error-body.ts";
import { parseJson } from "../../services/gateway/src/http/json-body.ts";
import { endpoints } from "../../services/gateway/src/openai/endpoints.ts";
import { parseBody } from "../../services/gateway/src/openai/parse-body.ts";

// What parses input from outside takes it, or refuses it in a way that is meant. In the soak tier for as long
// as that is told to last.

const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(-1, 1e308, 2 ** 53, "\ud800", "", [], {}, [[1]], "x".repeat(2_000)),
);
/** A document with fields put in, some of them those that it is to have. */
const changed = (document: object, names: readonly string[]) =>
  fc
    .dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), value, { maxKeys: 4 })
    .map((fields) => ({ ...document, ...fields }));

const bodies = {
  "/v1/completions": { prompt: "Once", max_tokens: 3, logit_bias: { 5: -1 }, stop: ["a"] },
  "/v1/chat/completions": { messages: [{ role: "user", content: "Hello" }], top_logprobs: 2 },
};
test.each(endpoints)(
  "$path: any body is a request, or one error of ours",
  (endpoint) => {
    const { path, schema } = endpoint;
    const near = changed(bodies[path as keyof typeof bodies], Object.keys(schema.shape));
    const body = fc.oneof(
      near.map((document) => JSON.stringify(document)),
      fc.json(),
      fc.string(),
    );
    fc.assert(
      fc.property(body, (text) => {
        try {
          endpoint.job(parseBody(schema, parseJson(Buffer.from(text))));
        } catch (error) {
          if (!(error instanceof AdaedlError) || error.code === "internal") throw error;
          expect(errorAnswer(error).body.error.message.length).toBeLessThanOrEqual(1_000);
        }
      }),
      soakRuns(300),
    );
  },
  soakTimeoutMs,
);

const envelope = { ack: 0, item: { number: 0, body: "x" } };
const messages = [
  { type: "envelope", channelId: "c", ingressId: "i", envelope },
  { type: "envelope", channelId: "c", workerId: "w", envelope: { ack: 0 } },
  { type: "close", channelId: "c" },
  { type: "gone", channelId: "c", workerId: "w", failure: { code: "internal", message: "x" } },
  {
    ...{ id: "w", kind: "k", facts: {}, numLosses: 0, numSessions: 1, numPlaces: 2 },
    ...{ numQueued: 0, numForwards: 3 },
  },
];
const names = [...new Set(messages.flatMap((message) => Object.keys(message)))];
test.each([
  ["without a secret", []],
  ["with one", ["s".repeat(32)]],
])(
  "%s, any publication in Redis is messages, or nothing",
  (_, secrets) => {
    const seal = createSeal(secrets);
    const message = fc.oneof(value, ...messages.map((document) => changed(document, names)));
    const publication = fc.oneof(
      fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
      fc.array(message).map((list) => Buffer.from(seal.seal("here", JSON.stringify(list)))),
    );
    const peers = new Membership({ leaseTicks: 3, accepts: () => true, onLost() {} });
    fc.assert(
      fc.property(publication, (bytes) => {
        const read = readPublication(seal, "here", bytes) ?? [];
        for (const one of read) {
          toSessionWorker.safeParse(one);
          toSessionIngress.safeParse(one);
          peers.receive(one);
        }
        expect(read.length).toBeLessThanOrEqual(256);
      }),
      soakRuns(300),
    );
    const large = Buffer.alloc(maxPublicationBytes + 1, "[");
    expect(readPublication(seal, "here", large)).toBeUndefined();
  },
  soakTimeoutMs,
);
