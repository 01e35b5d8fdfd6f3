import type { TinyTokenizer } from "./tiny-tokenizer.ts";
import {
  addedSpecialToken,
  createVocabulary,
  parseMerges,
  tokenInFront,
} from "./tokenizer-parts.ts";

const END_OF_TEXT = "<|endoftext|>";

// "Ġ" is the byte-level letter for a space.
const MERGES = [
  ...["Ġ t", "Ġ a", "h e", "i n", "r e", "o n", "Ġt he", "e r", "Ġ s", "a t", "Ġ w", "Ġ o"],
  ...["e n", "Ġ c", "i t", "i s", "a n", "o r", "e s", "Ġ b", "e d", "Ġ f", "in g", "o u"],
  ...["Ġa n", "a l", "a r", "Ġt o", "Ġ m", "Ġo f", "Ġ in", "Ġan d", "i c", "l e", "l l"],
  ...["a s", "Ġw as", "he ll", "Ġw or", "l d", "o w", "i ng", "n g", "Ã ©"],
];

/**
 * A GPT-2 style byte-level BPE: id 0 is `<|endoftext|>` (begin and end of text), 1 to 256 are the
 * bytes, then come the merged pieces. Its merges are written as "a b", the older of two ways.
 */
export function createByteLevelTokenizer(): TinyTokenizer {
  const merges = parseMerges(MERGES);
  const vocab = createVocabulary([END_OF_TEXT, ...byteAlphabet()], merges);
  return {
    tokenizerJson: {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: [addedSpecialToken(0, END_OF_TEXT)],
      normalizer: null,
      pre_tokenizer: {
        type: "ByteLevel",
        add_prefix_space: false,
        trim_offsets: true,
        use_regex: true,
      },
      post_processor: tokenInFront(0, END_OF_TEXT),
      decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
      model: {
        type: "BPE",
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
        vocab,
        merges: MERGES,
      },
    },
    tokenizerConfig: {
      add_prefix_space: false,
      bos_token: END_OF_TEXT,
      eos_token: END_OF_TEXT,
      clean_up_tokenization_spaces: false,
      tokenizer_class: "PreTrainedTokenizerFast",
    },
    numTokens: Object.keys(vocab).length,
    bosTokenId: 0,
    eosTokenId: 0,
  };
}

/**
 * The letters that stand for the 256 bytes, in GPT-2's order: bytes with a visible Latin-1
 * character stand for themselves and come first, the others take characters from U+0100 on.
 */
function byteAlphabet(): string[] {
  const isVisible = (byte: number) =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const visible = bytes.filter(isVisible);
  const numHidden = bytes.length - visible.length;
  const substitutes = Array.from({ length: numHidden }, (_, index) => 0x100 + index);
  return [...visible, ...substitutes].map((codePoint) => String.fromCodePoint(codePoint));
}
