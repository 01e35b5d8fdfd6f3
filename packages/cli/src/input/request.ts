import { randomInt } from "node:crypto";
import type { SamplingParams } from "@adaedl/core";
import type { GenerationRequest } from "@adaedl/engine";

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
  readonly policy: string;
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
  const { seed = randomInt(2 ** 32), policy = "adaedl" } = options;
  // Only what was named: the target's own defaults fill in the rest.
  const named = samplingNames.filter((name) => options[name] !== undefined);
  const sampling = Object.fromEntries(named.map((name) => [name, options[name]]));
  const choice = { seed, policy, maxDraft, verification };
  return { promptTokenIds, maxTokens, stop, ignoreEos, sampling, ...choice };
}
