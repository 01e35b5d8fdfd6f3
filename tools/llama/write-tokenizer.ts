import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readDecoderSpec } from "@adaedl/model";

/** A token of each byte, and made-up ones: a tokenizer for a model that is asked with token ids. */
export async function writeTokenizer(directory: string): Promise<void> {
  const { vocabSize } = await readDecoderSpec(directory);
  const endToken = "<s>";
  const nameOf = (id: number) => {
    if (id === 0) return endToken;
    const hex = (id - 1).toString(16).toUpperCase().padStart(2, "0");
    return id <= 256 ? `<0x${hex}>` : `t${id} `;
  };
  const ids = Array.from({ length: vocabSize }, (_, id) => id);
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false };
  const tokenizer = {
    version: "1.0",
    added_tokens: [{ id: 0, content: endToken, ...flags, special: true }],
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: { type: "Sequence", decoders: [{ type: "ByteFallback" }, { type: "Fuse" }] },
    model: {
      ...{ type: "BPE", byte_fallback: true, fuse_unk: false, unk_token: endToken },
      vocab: Object.fromEntries(ids.map((id) => [nameOf(id), id])),
      merges: [],
    },
  };
  await writeFile(join(directory, "tokenizer.json"), JSON.stringify(tokenizer));
  const config = { tokenizer_class: "PreTrainedTokenizerFast", eos_token: endToken };
  await writeFile(join(directory, "tokenizer_config.json"), JSON.stringify(config));
}
