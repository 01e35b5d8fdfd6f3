import { access, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { expect, test, vi } from "vitest";
import { loadCachedTokenizer } from "./cached-tokenizer.ts";
import { loadTokenizer } from "./load-tokenizer.ts";
import { maxTokenizerBytes, packTokenizer } from "./tokenizer-bundle.ts";
import { tinyDocuments, writeDirectory, writeTokenizer } from "./tokenizer-directory.cases.ts";

const template = { "chat_template.jinja": "{{ messages[0].content }}!" };
const directory = await writeTokenizer(tinyDocuments("byte-level"), template);
const { digests } = await loadTokenizer(directory);
const bundle = await packTokenizer(directory);
const emptyCache = () => writeDirectory({});
const compress = (text: string) => promisify(gzip)(Buffer.from(text));

test("a tokenizer arrives as it was, and is fetched once", async () => {
  const cache = await emptyCache();
  const fetchBundle = vi.fn(async () => bundle);
  for (let start = 0; start < 2; start++) {
    const loaded = await loadCachedTokenizer(digests.all, fetchBundle, cache);
    expect(loaded.digests).toEqual(digests);
    expect(loaded.chatTemplate?.render([{ role: "user", content: "Hi" }])).toBe("Hi!");
  }
  expect(fetchBundle).toHaveBeenCalledTimes(1);
  expect(await readdir(join(cache, "tokenizers"))).toEqual([digests.all]);
});

test("several that fetch at a time all get it", async () => {
  const cache = await emptyCache();
  const load = () => loadCachedTokenizer(digests.all, async () => bundle, cache);
  const all = await Promise.all([load(), load(), load()]);
  expect(all.map((loaded) => loaded.digests.all)).toEqual(Array(3).fill(digests.all));
});

test.each(["damaged", "missing"])(
  "a file that is %s in the cache is fetched again",
  async (how) => {
    const cache = await emptyCache();
    await loadCachedTokenizer(digests.all, async () => bundle, cache);
    const file = join(cache, "tokenizers", digests.all, "chat_template.jinja");
    await (how === "damaged" ? writeFile(file, "other") : rm(file));
    const loaded = await loadCachedTokenizer(digests.all, async () => bundle, cache);
    expect(loaded.digests.all).toBe(digests.all);
  },
);

test("other files than the ones announced are refused, and not kept", async () => {
  const cache = await emptyCache();
  const other = await packTokenizer(await writeTokenizer(tinyDocuments("byte-fallback")));
  await expect(loadCachedTokenizer(digests.all, async () => other, cache)).rejects.toMatchObject({
    code: "failed_precondition",
    message: expect.stringMatching(/^the tokenizer files have digest .*, not the announced /),
  });
  expect(await readdir(join(cache, "tokenizers"))).toEqual([]);
});

test.each<[string, () => Promise<Uint8Array>, string]>([
  ["is not compressed", async () => Buffer.from("hello"), "incorrect header check"],
  ["is empty", async () => new Uint8Array(), "unexpected end of file"],
  ["has no list of files", () => compress("hello"), "it does not begin with a list of files"],
  [
    "names a file outside of the folder",
    () => compress('{"../../evil":1}\nx'),
    "it does not begin with a list of files",
  ],
  [
    "has a list of files without end",
    () => compress(`${" ".repeat(1_000)}{"tokenizer.json":2}\n{}`),
    "it does not begin with a list of files",
  ],
  ["is cut off", () => compress('{"tokenizer.json":9}\n{}'), "tokenizer.json is cut off"],
  [
    "decompresses without end",
    async () => {
      const mebibyte = await compress(" ".repeat(1 << 20));
      return Buffer.concat(Array(1 + maxTokenizerBytes / (1 << 20)).fill(mebibyte));
    },
    "Cannot create a Buffer larger than",
  ],
])("a bundle that %s is refused", async (_, create, why) => {
  const cache = await emptyCache();
  const malformed = await create();
  await expect(
    loadCachedTokenizer(digests.all, async () => malformed, cache),
  ).rejects.toMatchObject({
    code: "invalid_argument",
    message: expect.stringContaining(`the tokenizer bundle cannot be read: ${why}`),
  });
});

test("a verifier that announces ever new tokenizers does not fill the disk", async () => {
  const cache = await emptyCache();
  for (let i = 0; i < 12; i++) {
    const other = await writeTokenizer(tinyDocuments("byte-level"), {
      "chat_template.jinja": `template ${i}`,
    });
    const { all } = (await loadTokenizer(other)).digests;
    await loadCachedTokenizer(all, () => packTokenizer(other), cache);
    expect(await readdir(join(cache, "tokenizers"))).toHaveLength(Math.min(i + 1, 8));
  }
});

test("a cache that cannot be written is named", async () => {
  const file = join(await writeTokenizer(tinyDocuments("byte-level")), "tokenizer.json");
  const fetchBundle = vi.fn(async () => bundle);
  await expect(loadCachedTokenizer(digests.all, fetchBundle, file)).rejects.toMatchObject({
    code: "failed_precondition",
    message: `the cache ${file} cannot be written: ENOTDIR; set ADAEDL_CACHE_DIR to a folder that can be written`,
  });
});

test("a digest that is a path is refused before anything is fetched", async () => {
  const cache = await emptyCache();
  const fetchBundle = vi.fn(async () => bundle);
  await expect(loadCachedTokenizer("../../x", fetchBundle, cache)).rejects.toMatchObject({
    code: "invalid_argument",
    message: 'the tokenizer digest must be 64 hexadecimal digits, got "../../x"',
  });
  expect(fetchBundle).not.toHaveBeenCalled();
  await expect(access(join(cache, "tokenizers"))).rejects.toThrow();
});
