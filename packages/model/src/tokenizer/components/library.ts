import * as tokenizers from "@huggingface/tokenizers";

/** A model of the library: pieces of text to tokens, undefined for what has none. */
export interface LibraryModel {
  readonly tokens_to_ids: ReadonlyMap<string, number>;
  _call(pieces: readonly string[]): (string | undefined)[];
}

interface Library {
  readonly WordPiece: new (config: object) => LibraryModel;
  readonly SplitPreTokenizer: new (config: object) => { readonly pattern: RegExp };
}

/** What is used of `@huggingface/tokenizers`, whose own types do not resolve under nodenext. */
export const { WordPiece, SplitPreTokenizer } = tokenizers as unknown as Library;
