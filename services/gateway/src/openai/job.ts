import { randomInt } from "node:crypto";
import { AdaedlError, type SamplingParams } from "@adaedl/core";
import type { GenerateRequest, Prompt } from "@adaedl/protocol";
import type * as z from "zod";
import { type AdaedlFields, maxChoices, type sharedFields } from "./shared-fields.ts";

/** A checked request: what is to be generated, and how it is told. */
export interface Job {
  readonly model: string | undefined;
  /** One generation each, prompt after prompt. At least one. */
  readonly choices: readonly GenerateRequest[];
  /** Choices of one prompt. */
  readonly numPerPrompt: number;
  readonly isStream: boolean;
  readonly wantsUsage: boolean;
  readonly wantsDetails: boolean;
  readonly wantsLogprobs: boolean;
  readonly user: string | undefined;
}

export type SharedFields = {
  readonly [Name in keyof typeof sharedFields]?: z.infer<(typeof sharedFields)[Name]>;
};

/** What the two endpoints call differently. */
export interface OwnFields {
  readonly prompts: readonly Prompt[];
  /** Undefined: as many as fit into the context. */
  readonly maxTokens: number | undefined;
  /** Undefined: no log-probabilities. */
  readonly numTopLogprobs: number | undefined;
}

/** @throws AdaedlError for fields that do not go together */
export function createJob(fields: SharedFields, own: OwnFields): Job {
  const { prompts, maxTokens, numTopLogprobs } = own;
  const numPerPrompt = fields.n ?? 1;
  const numChoices = prompts.length * numPerPrompt;
  if (numChoices > maxChoices)
    throw new AdaedlError(
      "invalid_argument",
      `n times the number of prompts must be at most ${maxChoices}, got ${numChoices}`,
      { field: "n", value: numPerPrompt },
    );
  if (fields.stream_options && !fields.stream)
    throw new AdaedlError("invalid_argument", "stream_options must not be given without stream", {
      field: "stream_options",
    });
  // Without a seed one is drawn, small enough to be typed again.
  const seed = fields.seed ?? randomInt(2 ** 32);
  const wantsLogprobs = numTopLogprobs !== undefined;
  const wantsDetails = fields.adaedl?.details ?? false;
  const common: Omit<GenerateRequest, "prompt"> = {
    ...(maxTokens === undefined ? { untilContextEnds: true } : { maxTokens }),
    sampling: samplingOf(fields),
    stop: stopsOf(fields.stop),
    ignoreEos: fields.ignore_eos ?? false,
    wantsLogprobs,
    numTopLogprobs: numTopLogprobs ?? 0,
    wantsDetails,
    ...speculationOf(fields.adaedl ?? {}),
  };
  const choices = prompts.flatMap((prompt) =>
    Array.from({ length: numPerPrompt }, (_, i) => ({
      ...common,
      prompt,
      seed: nthSeed(seed, i),
    })),
  );
  return {
    model: fields.model ?? undefined,
    choices,
    numPerPrompt,
    isStream: fields.stream ?? false,
    wantsUsage: fields.stream_options?.include_usage ?? false,
    wantsDetails,
    wantsLogprobs,
    user: fields.user ?? undefined,
  };
}

/** After the highest seed comes 0. Sums beyond it are never taken: they are not exact. */
function nthSeed(seed: number, i: number): number {
  const beyond = seed - Number.MAX_SAFE_INTEGER + i;
  return beyond > 0 ? beyond - 1 : seed + i;
}

function stopsOf(stop: SharedFields["stop"]): readonly string[] {
  return typeof stop === "string" ? [stop] : (stop ?? []);
}

function speculationOf({ policy, max_draft, verification, draft }: AdaedlFields) {
  const chosen = draft === false ? "none" : policy;
  return {
    ...(chosen == null ? {} : { policy: chosen }),
    ...(max_draft == null ? {} : { maxDraft: max_draft }),
    ...(verification == null ? {} : { verification }),
  };
}

/** Without what is absent: there the target's own defaults count. */
function samplingOf(fields: SharedFields): Partial<SamplingParams> {
  const bias = fields.logit_bias;
  const sampling = {
    temperature: fields.temperature,
    topP: fields.top_p,
    topK: fields.top_k,
    minP: fields.min_p,
    repetitionPenalty: fields.repetition_penalty,
    presencePenalty: fields.presence_penalty,
    frequencyPenalty: fields.frequency_penalty,
    logitBias: bias && new Map(Object.entries(bias).map(([id, value]) => [Number(id), value])),
  };
  return Object.fromEntries(Object.entries(sampling).filter(([, value]) => value != null));
}
