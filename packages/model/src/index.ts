export { cacheDirectory } from "./cache/cache-directory.ts";
export type { DecoderSpec } from "./directory/decoder-spec.ts";
export { type GenerationDefaults, readGenerationDefaults } from "./directory/generation-config.ts";
export { findModelSource } from "./directory/model-source.ts";
export type { ParallelDrafting } from "./directory/parallel-drafting.ts";
export { readDecoderSpec } from "./directory/read-config.ts";
export { checkWeights } from "./graph/check-weights.ts";
export { countParameters } from "./graph/count-parameters.ts";
export { layWeights } from "./graph/weight-layout.ts";
export { planWeights } from "./graph/weight-plan.ts";
export { sizesOf, type WeightSizes } from "./graph/weight-sizes.ts";
export { openWeights, type WeightStore } from "./safetensors/weight-store.ts";
export { loadCachedTokenizer } from "./tokenizer/cached-tokenizer.ts";
export type {
  ChatMessage,
  ChatTemplate,
} from "./tokenizer/chat-template.ts";
export { encodeChat, writeChat } from "./tokenizer/encode-chat.ts";
export { loadTokenizer } from "./tokenizer/load-tokenizer.ts";
export type { EncodeOptions, ModelTokenizer } from "./tokenizer/model-tokenizer.ts";
export { createTextStream } from "./tokenizer/text-stream.ts";
export { haveSameTokenizer, packTokenizer } from "./tokenizer/tokenizer-bundle.ts";
export {
  firstDifference,
  type TokenizerDigests,
  type TokenizerPart,
  tokenizerParts,
} from "./tokenizer/tokenizer-digest.ts";
export { mapVocabulary, type VocabularyMap } from "./tokenizer/vocabulary-map.ts";
export { isTooSlow } from "./tokenizer/within-time.ts";
