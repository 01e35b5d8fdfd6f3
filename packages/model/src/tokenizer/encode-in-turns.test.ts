import { describe, expect, test } from "vitest";
import { loadTokenizer } from "./load-tokenizer.ts";
import { tinyDocuments, tokenizerKinds, writeTokenizer } from "./tokenizer-directory.cases.ts";

const load = async (kind: (typeof tokenizerKinds)[number]) =>
  loadTokenizer(await writeTokenizer(tinyDocuments(kind)));

const texts = {
  empty: "",
  "one word": "the",
  "letters of all kinds": " the hello world, ÀÉ 🙂\n\n",
  long: "the hello ".repeat(300),
};

describe.each(tokenizerKinds)("%s", (kind) => {
  test.each(Object.entries(texts))(
    "gives the same ids in turns as at once: %s",
    async (_, text) => {
      const tokenizer = await load(kind);
      for (const addSpecialTokens of [true, false])
        expect(await tokenizer.encodeInTurns(text, { addSpecialTokens })).toEqual(
          tokenizer.encode(text, { addSpecialTokens }),
        );
    },
  );
});

test("other work goes on while a long text is encoded, and can end it", async () => {
  const tokenizer = await load("byte-level");
  const text = "the hello world ".repeat(20_000);
  const controller = new AbortController();
  let numTurns = 0;
  const work = setInterval(() => {
    if (++numTurns === 3) controller.abort();
  });
  const { signal } = controller;
  await expect(tokenizer.encodeInTurns(text, { signal })).rejects.toMatchObject({
    code: "cancelled",
  });
  clearInterval(work);
  expect(numTurns).toBe(3);
});
