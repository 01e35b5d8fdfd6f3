// What a model directory from a stranger may hold: each is one error of one line, or harmless, and soon.
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AdaedlError } from "@adaedl/core";
import { createTinyTokenizer, packSafetensors, soakRuns, soakTimeoutMs } from "@adaedl/testing";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { readDecoderSpec } from "./directory/read-config.ts";
import { readHeader } from "./safetensors/header.ts";
import { openWeights } from "./safetensors/weight-store.ts";
import { failureOf, newPath, writeFiles } from "./temporary-directory.cases.ts";
import { createChatTemplate } from "./tokenizer/chat-template.ts";
import { createNormalizer } from "./tokenizer/components/normalizer.ts";
import { loadTokenizer } from "./tokenizer/load-tokenizer.ts";
import { packTokenizer } from "./tokenizer/tokenizer-bundle.ts";

const config = {
  model_type: "llama",
  vocab_size: 8,
  hidden_size: 4,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  intermediate_size: 4,
  max_position_embeddings: 16,
};
const { tokenizerJson } = createTinyTokenizer("byte-level") as unknown as {
  readonly tokenizerJson: Readonly<Record<string, unknown>>;
};
const deep = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
const split = (regex: string) => ({
  pre_tokenizer: { type: "Split", pattern: { Regex: regex }, behavior: "Isolated", invert: false },
});
const replace = (content: string) => ({
  type: "Replace",
  pattern: { String: content.charAt(0) },
  content,
});
const folder = mkdtempSync(join(tmpdir(), "adaedl-elsewhere-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("links out of the directory", () => {
  const secret = join(folder, "secret");
  writeFileSync(secret, "the key");
  const withLink = (name: string, target: string) => {
    const directory = writeFiles({ "config.json": config, "tokenizer.json": tokenizerJson });
    rmSync(join(directory, name), { force: true });
    symlinkSync(target, join(directory, name));
    return directory;
  };
  test.each<[string, (directory: string) => Promise<unknown>]>([
    ["config.json", readDecoderSpec],
    ["tokenizer.json", loadTokenizer],
    ["chat_template.jinja", loadTokenizer],
    ["chat_template.jinja", packTokenizer],
    ["model.safetensors", openWeights],
  ])("%s is not read, %o", async (name, read) => {
    const directory = withLink(name, secret);
    expect(await failureOf(read(directory))).toMatchObject({
      code: "invalid_argument",
      message: expect.stringContaining("is a link out of the model directory"),
    });
  });

  test("the blobs of a Hugging Face cache are the directory's own", async () => {
    const hub = writeFiles({ "blobs/0123": config, "snapshots/abc/x": "" });
    const directory = join(hub, "snapshots", "abc");
    symlinkSync("../../blobs/0123", join(directory, "config.json"));
    expect((await readDecoderSpec(directory)).numLayers).toBe(1);
  });

  test("what never ends is no file", async () => {
    const directory = withLink("chat_template.jinja", "/dev/zero");
    expect((await failureOf(loadTokenizer(directory))).code).toBe("invalid_argument");
  });
});

test.each([
  "../x.safetensors",
  "/etc/x.safetensors",
  "a/b.safetensors",
  "..",
  "",
  "config.json",
  7,
])("an index that names %j is refused", async (name) => {
  const directory = writeFiles({ "model.safetensors.index.json": { weight_map: { a: name } } });
  expect(await failureOf(openWeights(directory))).toMatchObject({
    code: "invalid_argument",
    field: "weight_map",
  });
});

describe("config.json", () => {
  test.each<[string, object | string]>([
    ["layers without end", { ...config, num_hidden_layers: 1e9 }],
    ["heads without end", { ...config, head_dim: 1e12 }],
    ["sizes beyond all numbers", { ...config, vocab_size: 2 ** 53 }],
    ["brackets without end", deep(1_000_000)],
    ["brackets in a field", `{"rope_scaling":${deep(500_000)}}`],
  ])("%s", async (_, content) => {
    const directory = writeFiles({ "config.json": content });
    expect((await failureOf(readDecoderSpec(directory))).code).toBe("invalid_argument");
  });

  test("a file beyond 64 MiB is not read", async () => {
    const directory = writeFiles({ "config.json": "" });
    truncateSync(join(directory, "config.json"), (64 << 20) + 1); // a hole: takes no room
    expect((await failureOf(readDecoderSpec(directory))).message).toContain(
      "the limit is 67108864",
    );
  });
});

describe("the header of safetensors", () => {
  const entry = (begin: number, end: number) => ({
    ...{ dtype: "F32", shape: [(end - begin) / 4], data_offsets: [begin, end] },
  });
  test.each<[string, object, number, string]>([
    ["two tensors of the same bytes", { a: entry(0, 8), b: entry(4, 12) }, 12, "tensor b begins"],
    ["bytes of no tensor between", { a: entry(0, 4), b: entry(8, 12) }, 12, "tensor b begins"],
    ["bytes of no tensor behind", { a: entry(0, 4) }, 12, "its tensors end"],
    [
      "a shape of too many sizes",
      { a: { ...entry(0, 4), shape: Array(9).fill(1) } },
      4,
      "malformed",
    ],
    ["a name without end", { ["a".repeat(1e6)]: entry(0, 4) }, 4, "malformed"],
    [
      "a shape beyond all numbers",
      { a: { dtype: "F32", shape: [2 ** 52, 2 ** 52], data_offsets: [0, 4] } },
      4,
      "its shape needs",
    ],
  ])("%s", async (_, header, numBytes, problem) => {
    const { message } = await failureOf(read(packSafetensors(header, new Uint8Array(numBytes))));
    expect(message).toContain(problem);
    expect(message.length).toBeLessThan(1_500);
  });

  test("60 MB of it are not read", async () => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(60_000_000n);
    const directory = writeFiles({ "model.safetensors": bytes });
    truncateSync(join(directory, "model.safetensors"), 60_000_008);
    expect((await failureOf(openWeights(directory))).message).toContain("the limit is 10000000");
  });

  test("brackets without end", async () => {
    const text = Buffer.from(`{"a":${deep(1_000_000)}}`);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    expect((await failureOf(read(Buffer.concat([length, text])))).message).toContain(
      "its header is not a JSON object",
    );
  });
});

describe("tokenizer.json", () => {
  const load = async (change: object) =>
    loadTokenizer(writeFiles({ "tokenizer.json": { ...tokenizerJson, ...change } }));

  test.each([String.raw`(?:\p{L}+)+\d`, "(a|aa)+$", String.raw`(\s*)*x`])(
    "the pattern %s, which tracks back without end, is refused with the file",
    async (regex) => {
      expect(await failureOf(load(split(regex)))).toMatchObject({
        code: "unimplemented",
        message: expect.stringContaining("takes more than 1000 ms"),
      });
    },
  );

  test("one that does so for some texts only ends with the text, and the next is encoded", async () => {
    const tokenizer = await load(split("(?:xy|yx|x|y)+!?z"));
    const text = "xy".repeat(40);
    for (const encode of [async () => tokenizer.encode(text), () => tokenizer.encodeInTurns(text)])
      expect(await failureOf(encode())).toEqual({
        code: "invalid_argument",
        field: "text",
        message: "the text cannot be divided into words: takes more than 1000 ms",
      });
    expect(tokenizer.decode(tokenizer.encode("once"))).toBe("once");
  });

  test("replacements that grow without end", () => {
    const normalizers = Array(3).fill(replace("a".repeat(5_000)));
    expect(() => createNormalizer({ type: "Sequence", normalizers })("aaa")).toThrow(
      "writes more than 16777216 characters",
    );
  });

  test.each<[string, object]>([
    ["an id without end", { added_tokens: [{ id: 1e9, content: "x" }] }],
    ["a token without end", { added_tokens: [{ id: 1, content: "x".repeat(1e6) }] }],
    ["a vocabulary without end", { model: { type: "WordLevel", vocab: { a: 2 ** 40 } } }],
  ])("%s", async (_, change) => {
    expect((await failureOf(load(change))).code).toBe("invalid_argument");
  });
});

describe("a chat template", () => {
  test.each([
    "{% for i in range(99999) %}{% set x = ('a' * 1) ~ messages[0].content * 9 %}{% endfor %}",
    "{% set ns = namespace(t='ab') %}{% for i in range(23) %}{% set ns.t = ns.t ~ ns.t %}{% endfor %}{% for i in range(9999) %}{% set y = ns.t | upper %}{% endfor %}",
    "{% set r = range(100000) %}{% for i in range(90000) %}{% set y = r | list | reverse %}{% endfor %}",
    `{{ ${"(".repeat(100_000)} }}`,
    "{% raw %}".repeat(30_000),
  ])("%#: ends and is known to be of no use", (source) => {
    expect(createChatTemplate(source, {}).problem).toBeDefined();
  });
});

describe("anything at all is one error of ours, or works", () => {
  const ours = (work: Promise<unknown>) =>
    work.then(
      () => {},
      (error: unknown) => {
        if (!(error instanceof AdaedlError) || error.code === "internal") throw error;
      },
    );
  /** A document with a value somewhere in it replaced. */
  const changed = (document: object) =>
    fc
      .tuple(fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), fc.jsonValue({ maxDepth: 3 }))
      .map(([path, value]) => {
        const copy = structuredClone(document) as Record<string, unknown>;
        let at = copy;
        for (const [i, step] of path.entries()) {
          const keys = Object.keys(at);
          const key = keys[step % Math.max(1, keys.length)] ?? "x";
          const inner = at[key];
          if (i === path.length - 1 || typeof inner !== "object" || inner === null) {
            at[key] = value;
            break;
          }
          at = inner as Record<string, unknown>;
        }
        return copy;
      });

  test("safetensors headers", { timeout: soakTimeoutMs }, async () => {
    const header = {
      a: { dtype: "F32", shape: [2], data_offsets: [0, 8] },
      b: { dtype: "F16", shape: [2, 2], data_offsets: [8, 16] },
    };
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      changed(header).map((document) => packSafetensors(document, new Uint8Array(16))),
    );
    await fc.assert(
      fc.asyncProperty(bytes, (content) => ours(read(content))),
      soakRuns(300),
    );
  });

  test("config.json", { timeout: soakTimeoutMs }, async () => {
    const file = join(writeFiles({ "config.json": config }), "config.json");
    const property = fc.asyncProperty(changed(config), (document) => {
      writeFileSync(file, JSON.stringify(document));
      return ours(readDecoderSpec(join(file, "..")));
    });
    await fc.assert(property, soakRuns(300));
  });

  test("tokenizer.json", { timeout: soakTimeoutMs }, async () => {
    const file = join(writeFiles({ "tokenizer.json": tokenizerJson }), "tokenizer.json");
    const property = fc.asyncProperty(changed(tokenizerJson), (document) => {
      writeFileSync(file, JSON.stringify(document));
      const encode = async () => (await loadTokenizer(join(file, ".."))).encode("Once upon a time");
      return ours(encode());
    });
    await fc.assert(property, soakRuns(200));
  });

  test("chat templates", { timeout: soakTimeoutMs }, () => {
    const parts = [
      "{{",
      "}}",
      "{%",
      "%}",
      " for m in messages ",
      " endfor ",
      " if ",
      " endif ",
      "m",
    ];
    const more = [
      ".content",
      "|",
      "upper",
      "(",
      ")",
      "[",
      "]",
      "'a'",
      "~",
      "+",
      "1",
      " set x = ",
      "-",
    ];
    const source = fc.array(fc.constantFrom(...parts, ...more), { maxLength: 24 });
    fc.assert(
      fc.property(source, (words) => {
        const template = createChatTemplate(words.join(""), {});
        if (template.problem === undefined) template.render([{ role: "user", content: "<|x|>" }]);
      }),
      soakRuns(300),
    );
  });
});

async function read(bytes: Uint8Array) {
  const file = newPath("model.safetensors");
  const directory = writeFiles({ "model.safetensors": bytes });
  const handle = await open(join(directory, "model.safetensors"));
  try {
    return await readHeader(handle, file);
  } finally {
    await handle.close();
  }
}
