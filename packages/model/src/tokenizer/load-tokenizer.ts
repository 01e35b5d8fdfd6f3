import { join } from "node:path";
import { AdaedlError } from "@adaedl/core";
import { readChatTemplate } from "./chat-template.ts";
import { createLibraryTokenizer, type LibraryTokenizer } from "./library-tokenizer.ts";
import type { ModelTokenizer } from "./model-tokenizer.ts";
import { createBytesOf } from "./token-bytes.ts";
import { tokenizerDigest, vocabularyDigest } from "./tokenizer-digest.ts";
import { kindOf, vocabSizeOf, withSpecialTokens } from "./tokenizer-facts.ts";
import {
  namedSpecialTokens,
  readTokenizerConfig,
  readTokenizerDocument,
  type TokenizerConfig,
  type TokenizerDocument,
} from "./tokenizer-files.ts";

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
  const library = createLibrary(document, join(directory, "tokenizer.json"));
  const bosTokenId = idOf(library, named.bos_token);
  checkBos(config, bosTokenId, join(directory, "tokenizer_config.json"));
  const specialTokenIds = new Set(
    document.added_tokens.filter((token) => token.special).map(({ id }) => id),
  );
  const tokenOf = (tokenId: number) => library.id_to_token(tokenId);
  let digest: string | undefined;
  let vocabulary: string | undefined;

  return {
    vocabSize: vocabSizeOf(document),
    kind: kindOf(document),
    bosTokenId,
    eosTokenId: idOf(library, named.eos_token),
    specialTokenIds,
    chatTemplate: await readChatTemplate(directory, config),
    // Takes as long as the parsing, and only a pair of models asks for it.
    get digest() {
      digest ??= tokenizerDigest(written);
      return digest;
    },
    get vocabularyDigest() {
      vocabulary ??= vocabularyDigest(vocabSizeOf(document), tokenOf);
      return vocabulary;
    },
    encode: createEncode(library, bosTokenId, config.add_bos_token),
    decode(tokenIds, { skipSpecialTokens = true } = {}) {
      const ids = tokenIds.filter(
        (id) =>
          library.id_to_token(id) !== undefined && !(skipSpecialTokens && specialTokenIds.has(id)),
      );
      // The library refuses an empty list.
      return ids.length === 0 ? "" : library.decode(ids, DECODE_EXACTLY);
    },
    tokenOf,
    bytesOf: createBytesOf(document, {
      tokenOf,
      textOf: (tokenId) => library.decode([tokenId], DECODE_EXACTLY),
    }),
  };
}

// Special tokens are left out before: the library looks them up by text, in a list.
const DECODE_EXACTLY = { skip_special_tokens: false, clean_up_tokenization_spaces: false };

function createEncode(
  library: LibraryTokenizer,
  bosTokenId: number | undefined,
  wantsBos: boolean | null | undefined,
): ModelTokenizer["encode"] {
  const isBosInTemplate =
    bosTokenId !== undefined &&
    library.encode("a", { add_special_tokens: true }).ids[0] === bosTokenId;
  const addsBos = wantsBos ?? isBosInTemplate;

  return (text, { addSpecialTokens = true } = {}) => {
    const found = library.encode(text, { add_special_tokens: addSpecialTokens }).ids;
    const ids = found.filter((id) => id !== undefined);
    if (ids.length < found.length)
      throw new AdaedlError(
        "invalid_argument",
        "the text has characters the tokenizer cannot express, and it has no unknown token",
        { field: "text" },
      );
    if (!addSpecialTokens || addsBos === isBosInTemplate || bosTokenId === undefined) return ids;
    return addsBos ? [bosTokenId, ...ids] : ids.slice(1);
  };
}

function createLibrary(document: TokenizerDocument, file: string): LibraryTokenizer {
  try {
    return createLibraryTokenizer(document);
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

function idOf(library: LibraryTokenizer, token: string | undefined): number | undefined {
  return token === undefined ? undefined : library.token_to_id(token);
}
