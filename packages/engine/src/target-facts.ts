import {
  findModelSource,
  loadTokenizer,
  type ModelTokenizer,
  readGenerationDefaults,
} from "@adaedl/model";
import type { RequestLimits } from "./generation-request.ts";

/** What a target model's directory says before the model is opened: enough to check a request. */
export interface TargetFacts extends RequestLimits {
  readonly tokenizer: ModelTokenizer;
  /** Tokens that end an output. */
  readonly eosTokenIds: readonly number[];
}

/** @throws AdaedlError when the directory holds no model that can be run */
export async function readTargetFacts(directory: string): Promise<TargetFacts> {
  const source = await findModelSource(directory);
  const { vocabSize, contextLength } = source.format === "safetensors" ? source.spec : source;
  const { sampling, eosTokenIds } = await readGenerationDefaults(directory);
  const tokenizer = await loadTokenizer(directory);
  // Some models name their end token in tokenizer_config.json alone; vLLM adds it as well.
  const { eosTokenId } = tokenizer;
  const allEosTokenIds = eosTokenId === undefined ? eosTokenIds : [...eosTokenIds, eosTokenId];
  return {
    vocabSize,
    contextLength,
    defaultSampling: sampling,
    eosTokenIds: [...new Set(allEosTokenIds)],
    tokenizer,
  };
}
