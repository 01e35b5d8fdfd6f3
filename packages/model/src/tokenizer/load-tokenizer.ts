import { join } from "node:path";
import { setImmediate as nextImmediate } from "node:timers/promises";
import { AdaedlError, throwIfAborted } from "@adaedl/core";
import { createChatTemplate, readTemplates } from "./chat-template.ts";
import type { EncodeOptions, ModelTokenizer } from "./model-tokenizer.ts";
import { createBytesOf } from "./token-bytes.ts";
import { digestTokenizer, type TokenizerDigests } from "./tokenizer-digest.ts";
import { kindOf, vocabSizeOf, withSpecialTokens } from "./tokenizer-facts.ts";
import {
  namedSpecialTokens,
  readTokenizerConfig,
  readTokenizerDocument,
  type TokenizerConfig,
  type TokenizerDocument,
} from "./tokenizer-files.ts";
import { createPipeline, type TokenizerPipeline } from "./tokenizer-pipeline.ts";

/** How long a text is encoded before other work has its turn. */
const turnMs = 5;
/** A text up to this many characters is encoded within a turn, and does not wait for those of others. */
const shortTextLength = 1_024;

/** Of all texts that are encoded in this thread one has a turn in each turn of the event loop. */
let turns: Promise<unknown> = Promise.resolve();
function nextTurn(): Promise<unknown> {
  turns = turns.then(() => nextImmediate());
  return turns;
}

/**
 * Loads the tokenizer of a Hugging Face model directory from tokenizer.json and, if they are
 * there, tokenizer_config.json and chat_template.jinja.
 *
 * An explicit `add_bos_token` decides whether bos is put in front, whatever the template in
 * tokenizer.json does, as in transformers. `add_eos_token` is ignored: a prompt must not end.
 *
 * @throws AdaedlError `not_found` without tokenizer.json, `invalid_argument` for a file that is
 *   broken, `unimplemented` for a tokenizer with parts that are not supported
 */
export async function loadTokenizer(directory: string): Promise<ModelTokenizer> {
  const written = await readTokenizerDocument(directory);
  const config = await readTokenizerConfig(directory);
  const named = namedSpecialTokens(config);
  const document = withSpecialTokens(written, [
    ...Object.values(named),
    ...(config.additional_special_tokens ?? []),
  ]);
  const pipeline = openPipeline(document, join(directory, "tokenizer.json"));
  const bosTokenId = idOf(pipeline, named.bos_token);
  checkBos(config, bosTokenId, join(directory, "tokenizer_config.json"));
  const specialTokenIds = new Set(
    document.added_tokens.filter((token) => token.special).map(({ id }) => id),
  );
  const { tokenOf } = pipeline;
  const templates = await readTemplates(directory, config);
  let digests: TokenizerDigests | undefined;

  return {
    directory,
    vocabSize: vocabSizeOf(document),
    kind: kindOf(document),
    bosTokenId,
    eosTokenId: idOf(pipeline, named.eos_token),
    specialTokenIds,
    chatTemplate:
      templates.chosen === undefined ? undefined : createChatTemplate(templates.chosen, named),
    // Takes as long as the parsing, and only a pair of models needs it.
    get digests() {
      digests ??= digestTokenizer({ document: written, config, templates });
      return digests;
    },
    ...createEncoders(pipeline, bosTokenId, config.add_bos_token),
    decode: (tokenIds, { skipSpecialTokens = true } = {}) =>
      pipeline.decode(
        skipSpecialTokens ? tokenIds.filter((id) => !specialTokenIds.has(id)) : tokenIds,
      ),
    tokenOf,
    bytesOf: createBytesOf(document, {
      tokenOf,
      textOf: (tokenId) => pipeline.decode([tokenId]),
    }),
  };
}

function createEncoders(
  pipeline: TokenizerPipeline,
  bosTokenId: number | undefined,
  wantsBos: boolean | null | undefined,
): Pick<ModelTokenizer, "encode" | "encodeInTurns"> {
  const before = [...pipeline.specialIds.before];
  const isBosInTemplate = bosTokenId !== undefined && before[0] === bosTokenId;
  if (isBosInTemplate && wantsBos === false) before.shift();
  if (!isBosInTemplate && wantsBos && bosTokenId !== undefined) before.unshift(bosTokenId);

  function* partsOf(text: string, maxHoldMs: number | undefined) {
    try {
      yield* pipeline.encodeWords(text, maxHoldMs);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new AdaedlError(
        "invalid_argument",
        `the text cannot be divided into words: ${reason}`,
        {
          field: "text",
          cause,
        },
      );
    }
  }

  /** The ids of a text, which grow part by part. */
  function* grow(
    text: string,
    { addSpecialTokens = true, maxHoldMs }: EncodeOptions,
  ): Generator<number[]> {
    const ids = addSpecialTokens ? [...before] : [];
    for (const part of partsOf(text, maxHoldMs)) {
      for (const id of part) {
        if (id === undefined)
          throw new AdaedlError(
            "invalid_argument",
            "the text has characters the tokenizer cannot express, and it has no unknown token",
            { field: "text" },
          );
        ids.push(id);
      }
      yield ids;
    }
    if (addSpecialTokens) ids.push(...pipeline.specialIds.after);
    yield ids;
  }

  return {
    encode(text, options = {}) {
      let ids: number[] = [];
      for (ids of grow(text, options));
      return ids;
    },
    async encodeInTurns(text, { signal, maxTokens = Infinity, ...options } = {}) {
      let ids: number[] = [];
      if (text.length > shortTextLength) await nextTurn();
      throwIfAborted(signal);
      let turnEndsAt = performance.now() + turnMs;
      for (ids of grow(text, options)) {
        if (ids.length > maxTokens) return ids;
        if (performance.now() < turnEndsAt) continue;
        await nextTurn();
        throwIfAborted(signal);
        turnEndsAt = performance.now() + turnMs;
      }
      return ids;
    },
  };
}

function openPipeline(document: TokenizerDocument, file: string): TokenizerPipeline {
  try {
    return createPipeline(document);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AdaedlError("unimplemented", `${file} is not supported: ${reason}`, {
      field: file,
      cause: error,
    });
  }
}

function checkBos(config: TokenizerConfig, bosTokenId: number | undefined, file: string): void {
  if (!config.add_bos_token || bosTokenId !== undefined) return;
  const got = JSON.stringify(config.bos_token) ?? "none";
  throw new AdaedlError(
    "invalid_argument",
    `${file}: add_bos_token needs a bos_token of the vocabulary, got ${got}`,
    { field: "bos_token", value: config.bos_token },
  );
}

function idOf(pipeline: TokenizerPipeline, token: string | undefined): number | undefined {
  return token === undefined ? undefined : pipeline.idOf(token);
}
