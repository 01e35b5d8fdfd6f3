import {
  AdaedlError,
  checkSeed,
  invalidField,
  parsePolicy,
  parseSamplingParams,
  type SamplingParams,
} from "@adaedl/core";
import type { GenerationRequest } from "@adaedl/engine";
import { findModelSource, readGenerationDefaults } from "@adaedl/model";

/** What a target model allows, known without opening it. */
export interface RequestLimits {
  readonly vocabSize: number;
  readonly contextLength: number;
  readonly defaultSampling: Partial<SamplingParams>;
}

/** What will really be used, where the request leaves it open or spells it differently. */
export interface EffectiveSettings {
  readonly temperature: number;
  /** Every parameter spelled out. */
  readonly policy: string;
}

/** @throws AdaedlError when the directory holds no model that can be run */
export async function readRequestLimits(targetDirectory: string): Promise<RequestLimits> {
  const source = await findModelSource(targetDirectory);
  const { vocabSize, contextLength } = source.format === "safetensors" ? source.spec : source;
  const { sampling } = await readGenerationDefaults(targetDirectory);
  return { vocabSize, contextLength, defaultSampling: sampling };
}

/**
 * Refuses what the engine would refuse too, but before it has opened (and perhaps first converted)
 * a large model.
 * @throws AdaedlError `invalid_argument` or `out_of_range`
 */
export function checkRequest(request: GenerationRequest, limits: RequestLimits): EffectiveSettings {
  const { vocabSize, contextLength, defaultSampling } = limits;
  const { promptTokenIds, sampling, policy = "adaedl", seed = 0 } = request;
  const bad = promptTokenIds.findIndex((id) => id >= vocabSize);
  if (bad >= 0)
    throw invalidField(
      `prompt token ids[${bad}]`,
      promptTokenIds[bad],
      `must be a whole number from 0 to ${vocabSize - 1}`,
    );
  if (promptTokenIds.length >= contextLength)
    throw new AdaedlError(
      "out_of_range",
      `prompt must be shorter than the target's context of ${contextLength} tokens, got ${promptTokenIds.length}`,
      { field: "prompt", value: promptTokenIds.length },
    );
  checkSeed(seed);
  const { temperature } = parseSamplingParams({ ...defaultSampling, ...sampling }, vocabSize);
  return { temperature, policy: parsePolicy(policy).spec };
}
