import { randomInt } from "node:crypto";
import { checkSeed, invalidField, type SamplingParams, verificationRule } from "@adaedl/core";
import type { GenerationRequest } from "@adaedl/engine";
import type { GenerateRequest } from "@adaedl/protocol";

/** Options that go into the request as they are: the engine checks them. */
export interface RequestOptions {
  readonly maxTokens?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  readonly ignoreEos?: boolean;
  readonly policy?: string;
  readonly maxDraft?: number;
  readonly verification: string;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly minP?: number;
  readonly repetitionPenalty?: number;
  readonly presencePenalty?: number;
  readonly frequencyPenalty?: number;
  readonly logitBias?: ReadonlyMap<number, number>;
}

/** A request of the command line: what the output speaks of is filled in. */
export interface CliRequest extends GenerationRequest {
  readonly seed: number;
  readonly verification: string;
}

const samplingNames = [
  "temperature",
  "topK",
  "topP",
  "minP",
  "repetitionPenalty",
  "presencePenalty",
  "frequencyPenalty",
  "logitBias",
] as const satisfies readonly (keyof SamplingParams)[];

/** The engine's request. Without a seed it draws one, small enough to be typed again. */
export function requestOf(options: RequestOptions, promptTokenIds: readonly number[]): CliRequest {
  const { maxTokens, stop, ignoreEos, maxDraft, verification } = options;
  const { seed = randomInt(2 ** 32), policy } = options;
  const choice = { seed, policy, maxDraft, verification };
  return { promptTokenIds, maxTokens, stop, ignoreEos, sampling: samplingOf(options), ...choice };
}

/**
 * The request for a draft service, but its prompt: what is not named is the service's to choose.
 * @throws AdaedlError for numbers that the wire could not carry as they are
 */
export function remoteRequestOf(options: RequestOptions): Omit<GenerateRequest, "prompt"> {
  const { maxTokens, stop, ignoreEos, maxDraft, seed, policy } = options;
  checkWithin({ maxTokens, maxDraft }, 0, 2 ** 32 - 1);
  checkWithin({ topK: options.topK }, -1, 2 ** 31 - 1);
  if (seed !== undefined) checkSeed(seed);
  const verification = verificationRule(options.verification).name;
  const sampling = samplingOf(options);
  return { maxTokens, stop, ignoreEos, maxDraft, seed, policy, verification, sampling };
}

/** Only what was named: the target's own defaults fill in the rest. */
function samplingOf(options: RequestOptions): Partial<SamplingParams> {
  const named = samplingNames.filter((name) => options[name] !== undefined);
  return Object.fromEntries(named.map((name) => [name, options[name]]));
}

function checkWithin(
  fields: Readonly<Record<string, number | undefined>>,
  low: number,
  high: number,
): void {
  for (const [field, value] of Object.entries(fields)) {
    if (value !== undefined && !(value >= low && value <= high))
      throw invalidField(field, value, `must be a whole number from ${low} to ${high}`);
  }
}
