import { examplePair } from "@adaedl/example-models";
import { loadTokenizer } from "@adaedl/model";
import { expect, test } from "vitest";
import { spellCommit, spellToken } from "./spell.ts";

const utf8 = new TextDecoder();

test.each(["storyteller", "coder"] as const)(
  "with %s's tokenizer the bytes of a text's tokens are the text",
  async (name) => {
    const tokenizer = await loadTokenizer(examplePair(name).draft);
    const text = 'The captain said: "naïve 🙂"\n\n\tdef main():  # 日本';
    const ids = tokenizer.encode(text, { addSpecialTokens: false });
    const bytes = ids.map((tokenId) => {
      const token = { type: "token", tokenId, origin: "bonus", text: "" } as const;
      return spellToken(token, tokenizer, true).bytes ?? new Uint8Array(0);
    });
    expect(bytes.some((one) => utf8.decode(one).includes("\uFFFD"))).toBe(true); // half characters
    expect(utf8.decode(Buffer.concat(bytes))).toBe(text);
  },
);

const letters = { bytesOf: (tokenId: number) => Uint8Array.of(tokenId) };

test("tokens have bytes where they are wanted, the most probable ones always", () => {
  const token = { type: "token", tokenId: 7, origin: "bonus", text: "x", logprob: -1 } as const;
  expect(spellToken(token, letters, false)).toEqual(token);
  expect(spellToken(token, letters, true)).toEqual({ ...token, bytes: Uint8Array.of(7) });
  const topLogprobs = [{ tokenId: 9, logprob: -0.5 }];
  expect(spellToken({ ...token, topLogprobs }, letters, true)).toEqual({
    ...token,
    bytes: Uint8Array.of(7),
    topLogprobs: [{ tokenId: 9, logprob: -0.5, bytes: Uint8Array.of(9) }],
  });
});

test("draft tokens of a commit have bytes", () => {
  const report = {
    ...({ type: "commit", number: 3, numAccepted: 0, endReason: "policy" } as const),
    ...{ draftMs: 1, waitMs: 2, queueMs: 0, verifyMs: 1 },
  };
  const draftTokens = [{ tokenId: 5, entropy: 0.25 }];
  expect(spellCommit({ ...report, draftTokens }, letters)).toEqual({
    ...report,
    draftTokens: [{ tokenId: 5, entropy: 0.25, bytes: Uint8Array.of(5) }],
  });
});
