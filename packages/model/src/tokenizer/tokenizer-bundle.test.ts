import { expect, test } from "vitest";
import { haveSameTokenizer } from "./tokenizer-bundle.ts";
import { tinyDocuments, writeTokenizer } from "./tokenizer-directory.cases.ts";

test("tokenizer files are the same when every character is", async () => {
  const documents = () => tinyDocuments("byte-level");
  const first = await writeTokenizer(documents());
  expect(await haveSameTokenizer(first, await writeTokenizer(documents()))).toBe(true);
  const { tokenizerJson, ...others } = documents();
  const changed = { ...tokenizerJson, decoder: null };
  const second = await writeTokenizer({ tokenizerJson: changed, ...others });
  expect(await haveSameTokenizer(first, second)).toBe(false);
  const more = await writeTokenizer(documents(), { "chat_template.jinja": "" });
  expect(await haveSameTokenizer(first, more)).toBe(false);
});
