import type { Offer, OfferedNode } from "@adaedl/core";
import type { VerifyRequest } from "@adaedl/protocol";
import type { RunningVerifier } from "@adaedl/verifier";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startTestVerifier } from "../network/start-services.ts";
import {
  besideOther,
  idle,
  noCredit,
  offerOf,
  openOf,
  prompt,
  refusalOf,
  talkTo,
  writePlainly,
} from "./validation.cases.ts";
import { bytesOf, openBytesOf, sendBytes } from "./validation-bytes.cases.ts";

// What is wrong with an offer: the session ends, and nobody else notices.

let verifier: RunningVerifier;
let text: number[];
beforeAll(async () => {
  verifier = await startTestVerifier();
  text = await writePlainly(verifier, 400);
});
afterAll(() => verifier?.close());
afterEach(() => expect.poll(() => verifier.status()).toMatchObject(idle));

const at = prompt.length;
type Refusal = { readonly code: string; readonly field: string; readonly value: string };
const invalid = (field: string, value: unknown): Refusal => ({
  ...{ code: "invalid_argument", field, value: String(value) },
});

describe("a session ends for", () => {
  test.each<[string, VerifyRequest, Refusal]>([
    [
      "a draft token beyond the vocabulary",
      offerOf(prompt, [4096]),
      invalid("offer.nodes[0].token_id", 4096),
    ],
    [
      "a negative draft token, behind good ones",
      offerOf(prompt, [1, 1, -1]),
      invalid("offer.nodes[2].token_id", 2 ** 32 - 1),
    ],
    [
      "more draft tokens than an offer may have",
      offerOf(prompt, new Array(257).fill(1)),
      invalid("offer.parent_offsets", 257),
    ],
    [
      "another text",
      offerOf(prompt, [1], { base: { length: at, hash: 5n } }),
      { ...invalid("offer.base", at), code: "aborted" },
    ],
    [
      "a longer text",
      offerOf([...prompt, 1], [1]),
      { ...invalid("offer.base", at + 1), code: "aborted" },
    ],
  ])("%s", async (_, offer, refusal) => {
    const error = await besideOther(verifier, text, () =>
      refusalOf(verifier, openOf(verifier, noCredit), offer),
    );
    expect(error).toMatchObject(refusal);
    expect(error.message).toContain(refusal.field);
  });

  // What no typed client can send.
  test.each([
    ["a first id of 0", { firstId: 0 }, /^offer\.first_id must be 1 or more, got 0/],
    [
      "a parent that comes later",
      { firstId: 1, parentOffsets: [0, 2], tokenIds: [1, 1], chances: Buffer.from([0, 0]) },
      /^offer\.parent_offsets\[1\] must be 0 to 1, got 2/,
    ],
    [
      "fewer token ids than parents",
      { firstId: 1, parentOffsets: [0, 1], tokenIds: [1], chances: Buffer.from([0, 0]) },
      /^offer\.token_ids must be as many as there are parent_offsets \(2\), got 1/,
    ],
    [
      "fewer chances than parents",
      { firstId: 1, parentOffsets: [0], tokenIds: [1], chances: Buffer.alloc(0) },
      /^offer\.chances must be as many as there are parent_offsets \(1\), got 0/,
    ],
  ])("%s", async (_, offer, details) => {
    const ended = await besideOther(verifier, text, () =>
      sendBytes(verifier.address, openBytesOf(openOf(verifier, noCredit)), bytesOf({ offer })),
    );
    expect(ended).toMatchObject({ code: 3, details: expect.stringMatching(details) });
  });
});

/** The text of a session that is sent these offers once it is open. */
async function textWith(offers: readonly VerifyRequest[], numTokens: number): Promise<number[]> {
  using talk = talkTo(verifier);
  talk.send(openOf(verifier, { ...noCredit, maxTokens: numTokens }));
  await talk.expect("opened");
  talk.send(...offers, offerOf(prompt, [], { firstId: 1000, base: undefined, credit: 1000 }));
  return await talk.tokens(numTokens);
}

describe("the text is the same for", () => {
  const right = (numTokens: number) => text.slice(0, numTokens);
  const node = (parent: number, tokenId: number, chance = 1): OfferedNode => ({
    ...{ parent, tokenId, chance },
  });
  const tree = (nodes: OfferedNode[], changes: Partial<Offer> = {}) =>
    offerOf(prompt, [], { nodes, ...changes });

  test.each<[string, () => VerifyRequest[]]>([
    ["no offers", () => []],
    ["right ones", () => [offerOf(prompt, right(8))]],
    ["wrong ones", () => [offerOf(prompt, [0, 0, 0])]],
    ["an offer that comes twice", () => [offerOf(prompt, right(3)), offerOf(prompt, right(3))]],
    [
      "several tokens for one place",
      () => [tree([node(0, 0, 0.9), node(0, text[0] as number, 0.5), node(2, text[1] as number)])],
    ],
    ["a parent that was never sent", () => [tree([node(5, 3)], { firstId: 7 })]],
    [
      "offers that are lost between others",
      () => [tree([node(0, 3)]), tree([node(4, 3)], { firstId: 6, base: undefined })],
    ],
    [
      "a tree that grows from an earlier place",
      () => [offerOf(prompt.slice(0, 2), [...prompt.slice(2), ...right(4)])],
    ],
    ["a tree that grows from the very beginning", () => [offerOf([], [...prompt, ...right(4)])]],
    [
      "the least likely draft tokens that there are",
      () => [offerOf(prompt, right(4), {}, { chance: 1e-9 })],
    ],
    ["draft tokens behind an end of the text", () => [offerOf(prompt, new Array(200).fill(1))]],
    ["credit that shrinks", () => [offerOf(prompt, right(2), { credit: 0 })]],
  ])("%s", async (_, offers) => {
    const written = await besideOther(verifier, text, () => textWith(offers(), 30));
    expect(written.slice(0, 30)).toEqual(right(30));
  });
});

test("a chain as long as an offer may be is taken, and verified 64 draft tokens at a time", async () => {
  await besideOther(verifier, text, async () => {
    using talk = talkTo(verifier);
    talk.send(openOf(verifier, noCredit));
    await talk.expect("opened");
    talk.send(offerOf(prompt, text.slice(0, 256)));
    for (let round = 0; round < 3; round++) {
      const { commit } = await talk.expect("commit");
      expect(commit).toMatchObject({ position: at + 65 * round, numJudged: 64, numAccepted: 64 });
      const credit = at + 65 * (round + 1) + 1;
      talk.send(offerOf(prompt, [], { firstId: 257, base: undefined, credit }));
    }
  });
});

test("an offer of one round that is sent twice gives one commit", async () => {
  await besideOther(verifier, text, async () => {
    using talk = talkTo(verifier);
    talk.send(openOf(verifier, noCredit));
    await talk.expect("opened");
    const round = offerOf(prompt, [text[0] as number, 0]);
    talk.send(round, round);
    expect((await talk.expect("commit")).commit).toMatchObject({ numAccepted: 1 });
    talk.send({ type: "cancel" });
    expect(await talk.expect("finished")).toMatchObject({ reason: "cancelled" });
  });
});
