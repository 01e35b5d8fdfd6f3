import { TextDecoder } from "node:util";
import { Tokenizer } from "@huggingface/tokenizers";
import type { TokenizerComponent, TokenizerDocument } from "./tokenizer-files.ts";

/** What is used of `@huggingface/tokenizers`, whose own types do not resolve under nodenext. */
export interface LibraryTokenizer {
  /** An id is undefined where a token is not in the vocabulary. */
  encode(text: string, options: { add_special_tokens: boolean }): { ids: (number | undefined)[] };
  decode(ids: readonly number[], options: LibraryDecodeOptions): string;
  token_to_id(token: string): number | undefined;
  id_to_token(id: number): string | undefined;
}

interface LibraryDecodeOptions {
  skip_special_tokens: boolean;
  clean_up_tokenization_spaces: boolean;
}

interface LibraryDecoder {
  added_tokens: unknown[];
  text_decoder?: TextDecoder;
  decoders?: LibraryDecoder[];
}

/**
 * Creates the library's tokenizer so that it follows tokenizer.json alone, as the reference
 * implementation in Rust does, and decodes exactly.
 *
 * @throws Error of the library for a component or pattern that it does not know
 */
export function createLibraryTokenizer(document: TokenizerDocument): LibraryTokenizer {
  const library = new Tokenizer(
    {
      ...document,
      pre_tokenizer: withPrependScheme(document.pre_tokenizer),
      decoder: withoutWrongStrip(withPrependScheme(document.decoder)),
    },
    { clean_up_tokenization_spaces: false },
  ) as LibraryTokenizer & { decoder: LibraryDecoder | null };
  if (library.decoder !== null) repairDecoder(library.decoder, library.decoder.added_tokens);
  return library;
}

/** Old files say `add_prefix_space: false`, which the library does not read. */
function withPrependScheme(component: TokenizerComponent): TokenizerComponent {
  return mapComponents(component, (part) =>
    part.type === "Metaspace" && part.prepend_scheme === undefined
      ? { ...part, prepend_scheme: part.add_prefix_space === false ? "never" : "always" }
      : part,
  );
}

/** The library's Metaspace decoder drops a leading space even if encoding never added one. */
function withoutWrongStrip(decoder: TokenizerComponent): TokenizerComponent {
  return mapComponents(decoder, (part) =>
    part.type === "Metaspace" && part.prepend_scheme === "never"
      ? { type: "Replace", pattern: { String: part.replacement ?? "▁" }, content: " " }
      : part,
  );
}

function mapComponents(
  component: TokenizerComponent,
  change: (part: NonNullable<TokenizerComponent>) => NonNullable<TokenizerComponent>,
): TokenizerComponent {
  if (component === null) return null;
  const changed = { ...change(component) };
  for (const list of ["pretokenizers", "decoders"]) {
    const parts = changed[list];
    if (Array.isArray(parts)) changed[list] = parts.map((part) => mapComponents(part, change));
  }
  return changed;
}

/**
 * Inside a sequence the library forgets the added tokens (a byte-level decoder then turns their
 * letters into NUL), and its byte fallback drops a byte order mark.
 */
function repairDecoder(decoder: LibraryDecoder, addedTokens: unknown[]): void {
  decoder.added_tokens = addedTokens;
  if (decoder.text_decoder !== undefined)
    decoder.text_decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for (const inner of decoder.decoders ?? []) repairDecoder(inner, addedTokens);
}
