import type { TinyTokenizer } from "./tiny-tokenizer.ts";
import {
  addedSpecialToken,
  createVocabulary,
  parseMerges,
  tokenInFront,
} from "./tokenizer-parts.ts";

const SPECIAL_TOKENS = ["<unk>", "<s>", "</s>"];
// Capitals are left out: with so few pieces they show that the fallback to bytes works.
const CHARACTERS = [..."▁etaoinsrhldcumfpgwybvkxqjz,."];
const MERGES = [
  ...["▁ t", "e r", "i n", "▁ a", "e n", "o n", "▁t h", "▁th e", "o r", "a n", "▁ s", "▁ w"],
  ...["in g", "▁a n", "▁an d", "h e", "l l", "he ll", "▁w or", "l d"],
];

/**
 * A Llama 2 style BPE with fallback to bytes: ids 0 to 2 are `<unk>`, `<s>` and `</s>`, 3 to 258
 * the bytes `<0x00>` to `<0xFF>`, then come letters and merged pieces, where "▁" is a space. Its
 * merges are written as pairs, the newer of two ways.
 */
export function createByteFallbackTokenizer(): TinyTokenizer {
  const merges = parseMerges(MERGES);
  const bytes = Array.from({ length: 256 }, (_, byte) => {
    return `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
  });
  const vocab = createVocabulary([...SPECIAL_TOKENS, ...bytes, ...CHARACTERS], merges);
  return {
    tokenizerJson: {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: SPECIAL_TOKENS.map((content, id) => addedSpecialToken(id, content)),
      normalizer: {
        type: "Sequence",
        normalizers: [
          { type: "Prepend", prepend: "▁" },
          { type: "Replace", pattern: { String: " " }, content: "▁" },
        ],
      },
      pre_tokenizer: null,
      post_processor: tokenInFront(1, "<s>"),
      decoder: {
        type: "Sequence",
        decoders: [
          { type: "Replace", pattern: { String: "▁" }, content: " " },
          { type: "ByteFallback" },
          { type: "Fuse" },
          { type: "Strip", content: " ", start: 1, stop: 0 },
        ],
      },
      model: {
        type: "BPE",
        dropout: null,
        unk_token: "<unk>",
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: true,
        byte_fallback: true,
        ignore_merges: false,
        vocab,
        merges,
      },
    },
    tokenizerConfig: {
      add_bos_token: true,
      add_eos_token: false,
      bos_token: "<s>",
      eos_token: "</s>",
      unk_token: "<unk>",
      clean_up_tokenization_spaces: false,
      tokenizer_class: "LlamaTokenizer",
    },
    numTokens: Object.keys(vocab).length,
    bosTokenId: 1,
    eosTokenId: 2,
  };
}
