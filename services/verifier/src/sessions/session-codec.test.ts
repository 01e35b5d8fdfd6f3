import { defaultSamplingParams, type Offer } from "@adaedl/core";
import { encodeRequestBytes, encodeResponseBytes, type Open } from "@adaedl/protocol";
import { describe, expect, test } from "vitest";
import { checkOpen } from "./check-open.ts";
import { ingressSessionCodec, workerSessionCodec } from "./session-codec.ts";
import type { SessionStart } from "./session-start.ts";

const facts = { vocabSize: 1_000, contextLength: 64, defaultSampling: {} };
const target = {
  modelId: "tiny",
  weights: "f32",
  numerics: "12ab",
  requiresSameNumerics: true,
  vocabulary: { size: 990, digest: "aa", tokenizerDigest: "bb" },
};
const codec = { ...ingressSessionCodec, ...workerSessionCodec(target, facts) };

const open: Open = {
  type: "open",
  sessionId: "session-1",
  protocolVersion: { major: 2, minor: 0 },
  vocabulary: target.vocabulary,
  promptTokenIds: [1, 2, 3],
  committedTokenIds: [4],
  sampling: { ...defaultSamplingParams, temperature: 0.7, logitBias: new Map([[5, -1.5]]) },
  seed: Number.MAX_SAFE_INTEGER,
  verification: "rejection",
  maxTokens: 10,
  endTokenIds: [0],
  credit: 35,
  wantsLogprobs: true,
  numTopLogprobs: 2,
  modelId: "tiny",
  edgeDraftsOnly: true,
  weights: "f32",
  numerics: "12ab",
  numSuccessors: 8,
};
const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const route = { sessionId: "v1-session-1-0", client: "c", deadlineMs: 1_500.5, traceparent };
const start: SessionStart = { ...checkOpen(open, target, facts), ...route, open };

const node = { parent: 0, tokenId: 7, chance: 1 };
const offer: Offer = { firstId: 1, nodes: [node], credit: 40 };
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

describe("what crosses Redis arrives as it was", () => {
  test("the start of a session", () => {
    const crossed = codec.decodeStart(codec.encodeStart(start));
    expect(crossed).toEqual({
      ...start,
      open: expect.objectContaining({ sessionId: "session-1" }),
    });
    expect(crossed).toMatchObject({ tokenIds: [1, 2, 3, 4], maxLength: 13, credit: 35 });
    expect(codec.routeOf(start)).toEqual({
      ...{ sessionId: route.sessionId, client: "c", length: 4, credit: 35 },
    });
  });

  test("offers with exact distributions, and a cancel", () => {
    const distribution = {
      tokenIds: Int32Array.of(7, 3),
      weights: Float32Array.of(Math.fround(0.1), 1e-20),
    };
    const base = { length: 3, hash: 2n ** 64n - 1n };
    const drawn: Offer = { ...offer, base, nodes: [{ ...node, distribution }] };
    const crossed = codec.decodeUp(codec.encodeUp({ type: "offer", offer: drawn }));
    expect(crossed).toMatchObject({ type: "offer", offer: { base, credit: 40 } });
    const [arrived] = crossed.type === "offer" ? crossed.offer.nodes : [];
    expect([...(arrived?.distribution?.tokenIds ?? [])]).toEqual([7, 3]);
    expect([...(arrived?.distribution?.weights ?? [])]).toEqual([...distribution.weights]);
    expect(codec.decodeUp(codec.encodeUp({ type: "cancel" }))).toEqual({ type: "cancel" });
  });

  test("commits with likely tokens, and with the log-probabilities of impossible ones", () => {
    const logprobs = [-0.5, Number.NEGATIVE_INFINITY];
    const topLogprobs = [[], [{ tokenId: 9, logprob: Number.NEGATIVE_INFINITY }]];
    const successors = [
      [7, 5, 3],
      [9, 8, 999],
    ];
    const commit = {
      type: "commit" as const,
      commit: { position: 4, tokenIds: [7, 8], numJudged: 3, numAccepted: 1, successors },
      facts: { queueMs: 0.25, verifyMs: 7.5, batchSize: 4, logprobs, topLogprobs },
    };
    expect(codec.decodeDown(codec.encodeDown(commit))).toEqual(commit);
  });
});

describe("what somebody else put into Redis is refused, and the field named", () => {
  const startWith = (head: object, bytes: Uint8Array = encodeRequestBytes(open)) =>
    `${JSON.stringify({ ...route, ...head })}\n${base64(bytes)}`;
  const openWith = (fields: Partial<Open>) =>
    startWith({}, encodeRequestBytes({ ...open, ...fields }));

  test.each<[string, string]>([
    ["start", ""],
    ["start", "null\n"],
    ["start", `{"client":"${"c".repeat(5_000)}"}\n`],
    ["start", startWith({ client: 7 })],
    ["start", startWith({ deadlineMs: -1 })],
    ["start", startWith({ sessionId: "" })],
    ["message", startWith({}, Buffer.alloc(0))],
    ["message", startWith({}, Buffer.alloc(100, 255))],
    ["start.open", startWith({}, encodeRequestBytes({ type: "cancel" }))],
    ["session_id", openWith({ sessionId: "a b" })],
    ["prompt", openWith({ promptTokenIds: [] })],
    ["prompt token ids[1]", openWith({ promptTokenIds: [1, 1_000] })],
    ["committedTokenIds[0]", openWith({ committedTokenIds: [1_000] })],
    ["endTokenIds[1]", openWith({ endTokenIds: [0, 1_000] })],
    ["temperature", openWith({ sampling: { temperature: -1 } })],
    ["numTopLogprobs", openWith({ wantsLogprobs: false })],
  ])("%s of a start", (field, wrong) => {
    expect(() => codec.decodeStart(wrong)).toThrow(
      expect.objectContaining({ code: "invalid_argument", field }),
    );
  });

  test("a message after the start that is larger than any offer", () => {
    expect(() => codec.decodeUp(base64(Buffer.alloc(1 << 20)))).toThrow(
      expect.objectContaining({ code: "invalid_argument", field: "message" }),
    );
  });

  test.each<[string, string, Partial<Open>]>([
    ["failed_precondition", "modelId", { modelId: "another" }],
    ["failed_precondition", "weights", { weights: "int8" }],
    ["failed_precondition", "numerics", { numerics: "34cd" }],
    ["failed_precondition", "protocolVersion.major", { protocolVersion: { major: 1, minor: 9 } }],
    ["failed_precondition", "vocabulary.size", { vocabulary: { ...target.vocabulary, size: 1 } }],
    ["out_of_range", "maxTokens", { maxTokens: 62 }],
    ["out_of_range", "committedTokenIds", { maxTokens: 1 }],
    ["out_of_range", "prompt", { promptTokenIds: Array(64).fill(1) }],
  ])("%s: %s", (code, field, fields) => {
    expect(() => codec.decodeStart(openWith(fields))).toThrow(
      expect.objectContaining({ code, field }),
    );
  });

  test("a trace context that is none traces nothing", () => {
    expect(codec.decodeStart(startWith({ traceparent: "nonsense" })).traceparent).toBeUndefined();
  });

  test("token ids beyond the target's", () => {
    const up = (fields: Partial<Offer["nodes"][number]>) =>
      codec.encodeUp({ type: "offer", offer: { ...offer, nodes: [{ ...node, ...fields }] } });
    const beyond = { tokenIds: Int32Array.of(7, 1_000), weights: Float32Array.of(0.5, 0.5) };
    for (const [field, text] of [
      ["offer.nodes[0].token_id", up({ tokenId: 1_000 })],
      ["offer.distributions[0].token_ids", up({ distribution: beyond })],
      ["message", base64(encodeRequestBytes(open))],
      ["message", base64(Buffer.alloc(100, 255))],
    ] as const)
      expect(() => codec.decodeUp(text)).toThrow(
        expect.objectContaining({ code: "invalid_argument", field }),
      );
  });

  test("what is no message of a target", () => {
    for (const text of ["", base64(encodeResponseBytes({ type: "progress" }))])
      expect(() => codec.decodeDown(text)).toThrow(
        expect.objectContaining({ name: "AdaedlError" }),
      );
  });
});
