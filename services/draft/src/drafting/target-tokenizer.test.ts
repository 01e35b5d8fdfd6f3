import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AdaedlError } from "@adaedl/core";
import {
  firstDifference,
  loadTokenizer,
  type ModelTokenizer,
  packTokenizer,
  tokenizerParts,
} from "@adaedl/model";
import { type Prompt, protocolVersion, type VerifierDescription } from "@adaedl/protocol";
import { createLogger } from "@adaedl/telemetry";
import { createTinyTokenizer, type TinyTokenizerKind } from "@adaedl/testing";
import { afterAll, expect, test, vi } from "vitest";
import { createPromptEncoder } from "../generation/encode-prompt.ts";
import { createPromptTokenizer } from "../generation/prompt-tokenizer.ts";
import { provideTargetTokenizer } from "./target-tokenizer.ts";

const logger = createLogger("test", "silent");
const folder = mkdtempSync(join(tmpdir(), "adaedl-target-tokenizer-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let numWritten = 0;

/** The documents of a tokenizer, free to be changed. */
// biome-ignore lint/suspicious/noExplicitAny: rows reach into documents of any shape
type Json = Record<string, any>;
interface Files {
  json: Json;
  config: Json;
  jinja?: string;
}
type Change = (files: Files) => void;

function write(change: Change = () => {}, kind: TinyTokenizerKind = "byte-level"): string {
  const { tokenizerJson, tokenizerConfig } = structuredClone(createTinyTokenizer(kind));
  const chat_template = "{{ bos_token }}[{{ messages[0].content }}]";
  const files: Files = { json: tokenizerJson, config: { ...tokenizerConfig, chat_template } };
  change(files);
  const directory = join(folder, String(numWritten++));
  mkdirSync(directory);
  writeFileSync(join(directory, "tokenizer.json"), JSON.stringify(files.json));
  writeFileSync(join(directory, "tokenizer_config.json"), JSON.stringify(files.config));
  if (files.jinja !== undefined) writeFileSync(join(directory, "chat_template.jinja"), files.jinja);
  return directory;
}

function describeTarget({ digests, vocabSize }: ModelTokenizer): VerifierDescription {
  return {
    modelId: "big",
    protocolVersion: protocolVersion,
    vocabulary: {
      size: vocabSize,
      digest: digests.parts.vocabulary,
      tokenizerDigest: digests.all,
    },
    tokenizerParts: digests.parts,
    numTokenIds: vocabSize + 20,
    contextLength: 100,
    eosTokenIds: [],
    defaultSampling: {},
    numParameters: 0,
    emulatedForwardMs: "",
    weights: "f32",
    numerics: "",
    requiresSameNumerics: false,
    limits: {
      maxDraftLength: 8,
      maxSessions: 1,
      maxClientTokens: 100,
      maxMessageBytes: 1 << 20,
      idleTimeoutMs: 1_000,
    },
  };
}

const prompts: readonly Prompt[] = [
  ...[
    "Hello World",
    "  the hello<|endoftext|> Re",
    "<more>and <x>é\n",
    "the <|endoftext|>m<|ENDOFTEXT|>",
  ].map((text) => ({ type: "text", text }) as const),
  { type: "chat", messages: [{ role: "user", content: "The <more> hello" }] },
];

/** Everything a client sees of a tokenizer. */
async function behaviourOf(tokenizer: ModelTokenizer) {
  const encoder = createPromptTokenizer(tokenizer, logger);
  const encodePrompt = createPromptEncoder({ tokenizer, contextLength: 512 }, encoder);
  const promptIds = await Promise.all(
    prompts.map((prompt) =>
      prompt.type === "chat" && tokenizer.chatTemplate === undefined ? [] : encodePrompt(prompt),
    ),
  );
  const allIds = [...Array(tokenizer.vocabSize + 1).keys()];
  return {
    promptIds,
    texts: promptIds.map((ids) => tokenizer.decode(ids)),
    words: allIds.map((id) => Buffer.from(tokenizer.bytesOf(id)).toString("hex")),
  };
}

const added = (change: Json): Change => {
  return ({ json }) => Object.assign(json.added_tokens[0], change);
};
const both = (first: Change, second: Change): Change => {
  return (files) => {
    first(files);
    second(files);
  };
};
const lowercase: Change = ({ json }) => (json.normalizer = { type: "Lowercase" });
/** Tokens that the configuration names are special in any case. */
const unnamed: Change = ({ config }) => {
  delete config.bos_token;
  delete config.eos_token;
};
const more: Change = ({ json }) => {
  const id = Object.keys(json.model.vocab).length;
  json.added_tokens.push({ ...json.added_tokens[0], id, content: "<more>" });
};

/** What the draft's directory has instead, and the difference by name; the target's own change. */
const rows: readonly [what: string, draft: Change, difference: string, target?: Change][] = [
  ["another chat template", ({ config }) => (config.chat_template = "x"), "chat template"],
  ["no chat template", ({ config }) => delete config.chat_template, "chat template"],
  ["a template in a file", (files) => (files.jinja = "y"), "chat template"],
  ["the target's in a file", () => {}, "chat template", (files) => (files.jinja = "z")],
  ["no begin token", ({ config }) => (config.add_bos_token = false), "special tokens"],
  ["another begin token", ({ config }) => (config.bos_token = "Ġthe"), "special tokens"],
  [
    "one more special token",
    (f) => (f.config.additional_special_tokens = ["he"]),
    "special tokens",
  ],
  ["a normalizer", lowercase, "normalizer"],
  ["a prefix space", (f) => (f.json.pre_tokenizer.add_prefix_space = true), "pre tokenizer"],
  ["no post-processor", ({ json }) => (json.post_processor = null), "post processor"],
  ["another decoder", ({ json }) => (json.decoder = { type: "Fuse" }), "decoder"],
  ["other merges", ({ json }) => json.model.merges.reverse(), "model"],
  ["lstrip", added({ lstrip: true }), "added tokens"],
  ["rstrip", added({ rstrip: true }), "added tokens"],
  ["single_word", added({ single_word: true }), "added tokens"],
  ["normalized", both(lowercase, added({ normalized: true })), "added tokens", lowercase],
  [
    "a token that is not special",
    both(unnamed, added({ special: false })),
    "added tokens",
    unnamed,
  ],
  ["one more added token", more, "vocabulary"],
  ["one added token fewer", () => {}, "vocabulary", more],
];

test.each(rows)(
  "a draft with %s: ids and texts are the target's",
  async (_, draft, name, target) => {
    const targetDirectory = write(target);
    const expected = await loadTokenizer(targetDirectory);
    const own = await loadTokenizer(write(draft));
    expect(firstDifference(expected.digests.parts, own.digests.parts)).toBe(name);
    const description = describeTarget(expected);
    const getTokenizer = vi.fn(() => packTokenizer(targetDirectory));
    const provide = (verifier: { getTokenizer(): Promise<Uint8Array> }, cacheDirectory: string) =>
      provideTargetTokenizer(own, description, verifier, logger, { cacheDirectory });

    const cache = join(folder, `cache-${numWritten}`);
    const { tokenizer, vocabulary } = await provide({ getTokenizer }, cache);
    expect(getTokenizer).toHaveBeenCalledTimes(1);
    const wanted = await behaviourOf(expected);
    expect(await behaviourOf(tokenizer)).toEqual(wanted);
    expect(await behaviourOf(own)).not.toEqual(wanted); // it would have been wrong
    const numSame = Math.min(expected.vocabSize, own.vocabSize);
    expect(vocabulary).toMatchObject({ isSame: true, shared: { numSame } });

    const silent = async () => {
      throw new AdaedlError("unimplemented", "unknown method GetTokenizer");
    };
    await expect(provide({ getTokenizer: silent }, join(cache, "other"))).rejects.toMatchObject({
      code: "failed_precondition",
      message: `target big has another tokenizer than the draft model (its ${name} differs), which cannot be used: unknown method GetTokenizer`,
    });
  },
);

test("the matrix has a row for every part of a tokenizer", () => {
  const names = new Set(rows.map(([, , name]) => name));
  expect(names).toEqual(new Set(tokenizerParts.map((part) => part.replaceAll("_", " "))));
});

test.each<[string, string, number]>([
  [
    "two tokens swapped",
    write(({ json }) => {
      const { vocab } = json.model;
      [vocab.he, vocab.in] = [vocab.in, vocab.he];
    }),
    1,
  ],
  ["a vocabulary of another kind", write(undefined, "byte-fallback"), 0.5],
])("a draft with %s drafts the tokens that both have", async (_, draft, leastShare) => {
  const targetDirectory = write();
  const target = await loadTokenizer(targetDirectory);
  const getTokenizer = () => packTokenizer(targetDirectory);
  const own = await loadTokenizer(draft);
  const options = { cacheDirectory: join(folder, "cache") };
  const { tokenizer, vocabulary } = await provideTargetTokenizer(
    ...([own, describeTarget(target), { getTokenizer }, logger, options] as const),
  );
  expect(tokenizer.digests.all).toBe(target.digests.all);
  expect(vocabulary?.isSame).toBe(false);
  expect(vocabulary?.commonShare).toBeGreaterThanOrEqual(leastShare);
});

test("a verifier that sends other files than it announced is refused", async () => {
  const own = await loadTokenizer(write());
  const target = await loadTokenizer(write(more));
  const getTokenizer = () => packTokenizer(write(({ config }) => delete config.chat_template));
  const options = { cacheDirectory: join(folder, "cache") };
  await expect(
    provideTargetTokenizer(own, describeTarget(target), { getTokenizer }, logger, options),
  ).rejects.toMatchObject({
    code: "failed_precondition",
    message: expect.stringMatching(
      /cannot be used: the tokenizer files have digest .*, not the announced/,
    ),
  });
});

test("the draft's own tokenizer is used where it is the target's, and nothing is fetched", async () => {
  const own = await loadTokenizer(write());
  const target = await loadTokenizer(write());
  const getTokenizer = vi.fn(async () => new Uint8Array());
  const provided = await provideTargetTokenizer(
    own,
    describeTarget(target),
    { getTokenizer },
    logger,
    {},
  );
  expect(provided.tokenizer).toBe(own);
  expect(getTokenizer).not.toHaveBeenCalled();
});
