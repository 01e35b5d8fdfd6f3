import { createSectionSplit, isNormalized } from "./components/added-tokens.ts";
import { createDecoder } from "./components/decoder.ts";
import { createModel } from "./components/model.ts";
import { createNormalizer } from "./components/normalizer.ts";
import { readSpecialIds, type SpecialIds } from "./components/post-processor.ts";
import { createPreTokenizer } from "./components/pre-tokenizer.ts";
import type { TokenizerDocument } from "./tokenizer-files.ts";
import { eachWithinTime, withinTime } from "./within-time.ts";

/** Patterns and normalizer may hold a thread for so long at a time. */
const maxPatternMs = 1_000;
/** For all added tokens together. */
const maxAddedMs = 5_000;
/** Patterns that track back without end do so at many of one kind: then the file is refused, not a text. */
const probes = ["a", "A", "0", " ", "\n", "-", "é", "中"];

/** tokenizer.json at work. */
export interface TokenizerPipeline {
  /** The ids that are added around those of a text. */
  readonly specialIds: SpecialIds;
  /**
   * Ids part by part, computed as they are read; undefined for what the vocabulary cannot express.
   * @throws TooSlow when patterns and normalizer take more than `maxMs` at a time
   */
  encodeWords(text: string, maxMs?: number): Iterable<readonly (number | undefined)[]>;
  /** Ids without a token are left out. */
  decode(ids: readonly number[]): string;
  idOf(token: string): number | undefined;
  tokenOf(id: number): string | undefined;
}

/**
 * Creates what tokenizer.json describes, with the meaning that every field has in the reference
 * implementation, `tokenizers` in Rust. `truncation` and `padding` are ignored, as transformers
 * resets both.
 *
 * @throws Error that names the field, for a component or a value that is not supported
 */
export function createPipeline(document: TokenizerDocument): TokenizerPipeline {
  const model = createModel(document.model);
  const preTokenize = createPreTokenizer(document.pre_tokenizer);
  const normalize = createNormalizer(document.normalizer);
  const split = withinTime(maxAddedMs, () => createSectionSplit(document.added_tokens, normalize));
  const added = new Map(document.added_tokens.map(({ id, content }) => [id, content]));
  const addedIds = new Map(document.added_tokens.map(({ id, content }) => [content, id]));
  // What a normalized token stands for in a text is what it was found as.
  const spelled = withinTime(
    maxAddedMs,
    () =>
      new Map(
        document.added_tokens.map((token) => [
          token.id,
          isNormalized(token) ? normalize(token.content) : token.content,
        ]),
      ),
  );
  const plain = [...spelled].filter(([id, text]) => text === added.get(id)).map(([, text]) => text);
  const decode = createDecoder(document.decoder, new Set(plain));
  checkAddedIds(document, model.idOf);
  const tokenOf = (id: number) => added.get(id) ?? model.tokenOf(id);

  /** Added tokens by id, and the words between them. */
  function* divide(text: string): Generator<number | string> {
    for (const section of split(text)) {
      if ("id" in section) yield section.id;
      else yield* preTokenize(section.text, section.isFirst);
    }
  }
  function* encodeWords(text: string, maxMs = maxPatternMs) {
    for (const part of eachWithinTime(maxMs, divide(text)))
      if (typeof part === "number") yield [part];
      else yield* model.encode(part);
  }
  for (const character of probes)
    for (const _ of eachWithinTime(maxPatternMs, divide(`${character.repeat(1_000)}!`)));

  return {
    specialIds: readSpecialIds(document.post_processor),
    encodeWords,
    decode: (ids) =>
      decode(
        ids.map((id) => spelled.get(id) ?? tokenOf(id)).filter((token) => token !== undefined),
      ),
    idOf: (token) => addedIds.get(token) ?? model.idOf(token),
    tokenOf,
  };
}

function checkAddedIds(
  { added_tokens }: TokenizerDocument,
  idInModel: (token: string) => number | undefined,
): void {
  for (const [i, { id, content }] of added_tokens.entries()) {
    const expected = idInModel(content) ?? id;
    if (id !== expected)
      throw new Error(
        `added_tokens.${i}.id must be ${expected}, the id of ${JSON.stringify(content)} in the vocabulary, got ${id}`,
      );
  }
}
