import {
  AdaedlError,
  checkSeed,
  type DraftingPolicy,
  invalidField,
  longestDraftLength,
  maxTopLogprobs,
  type PolicyContext,
  type PolicyMemory,
  parsePolicy,
  parseSamplingParams,
  type SamplingParams,
  type VerificationRuleName,
  verificationRule,
} from "@adaedl/core";

/** What a caller asks for. Everything but the prompt has a default. */
export interface GenerationRequest {
  readonly promptTokenIds: readonly number[];
  /** Output tokens; default 128, or what fits. */
  readonly maxTokens?: number | undefined;
  /** Defaults: what the target model's makers suggest. */
  readonly sampling?: Partial<SamplingParams> | undefined;
  /** 0 to 2^53 - 1; default 0. */
  readonly seed?: number | undefined;
  /** Strings that end the output; at most 16. */
  readonly stop?: readonly string[] | undefined;
  /** Go on after an end token. */
  readonly ignoreEos?: boolean | undefined;
  /** How it is drafted for, see `parsePolicy`; default stream, under the rejection rule adaedl. */
  readonly policy?: string | undefined;
  /** Longest draft of a round; default: what the policy wants. */
  readonly maxDraft?: number | undefined;
  readonly verification?: string | undefined;
  /** Whether tokens come with the target's log-probability. */
  readonly wantsLogprobs?: boolean | undefined;
  /** With them, those of so many of the target's most probable tokens; 0 to 20, default 0. */
  readonly numTopLogprobs?: number | undefined;
  /** Without maxTokens: as many output tokens as fit. */
  readonly untilContextEnds?: boolean | undefined;
}

/** A checked request: every field there and in range. */
export interface ValidGenerationRequest {
  readonly promptTokenIds: readonly number[];
  readonly maxTokens: number;
  readonly sampling: SamplingParams;
  readonly seed: number;
  readonly stop: readonly string[];
  readonly ignoreEos: boolean;
  readonly policy: DraftingPolicy;
  readonly maxDraft: number;
  readonly verification: VerificationRuleName;
  readonly wantsLogprobs: boolean;
  readonly numTopLogprobs: number;
}

/** What a request is checked against. */
export interface RequestLimits {
  readonly vocabSize: number;
  readonly contextLength: number;
  readonly defaultSampling: Partial<SamplingParams>;
  /** What stopping policies of earlier requests learned. */
  readonly policyMemory?: PolicyMemory | undefined;
}

const defaultMaxTokens = 128;
/** The rejection rule needs rounds. */
const defaultPolicies = { "shared-noise": "stream", rejection: "adaedl" } as const;
const maxStopStrings = 16;

/**
 * Checks a request before any model sees it.
 * @throws AdaedlError `invalid_argument` or `out_of_range`, naming the field, the value and the rule
 */
export function parseGenerationRequest(
  request: GenerationRequest,
  limits: RequestLimits,
): ValidGenerationRequest {
  const { promptTokenIds, maxDraft = longestDraftLength, stop = [] } = request;
  const { wantsLogprobs = false, numTopLogprobs = 0 } = request;
  checkPrompt(promptTokenIds, limits);
  if (!isCount(maxDraft) || maxDraft > longestDraftLength)
    throw invalidField(
      "maxDraft",
      maxDraft,
      `must be a whole number from 0 to ${longestDraftLength}`,
    );
  if (stop.length > maxStopStrings)
    throw invalidField("stop", `${stop.length} strings`, `takes at most ${maxStopStrings} strings`);
  if (stop.includes("")) throw invalidField("stop", "", "strings must not be empty");
  const sampling = parseSamplingParams(
    { ...limits.defaultSampling, ...request.sampling },
    limits.vocabSize,
  );
  const verification = verificationRule(request.verification ?? "shared-noise").name;
  const { temperature } = sampling;
  const context = { verification, temperature, memory: limits.policyMemory };
  return {
    promptTokenIds,
    maxTokens: checkMaxTokens(request, limits),
    sampling,
    seed: checkSeed(request.seed ?? 0),
    stop,
    ignoreEos: request.ignoreEos ?? false,
    policy: checkPolicy(request.policy ?? defaultPolicies[verification], context),
    maxDraft,
    verification,
    wantsLogprobs,
    numTopLogprobs: checkNumTopLogprobs(numTopLogprobs, wantsLogprobs),
  };
}

/** Under rejection, a policy that decides by the token drawn would bend the text's law. */
function checkPolicy(spec: string, context: PolicyContext): DraftingPolicy {
  const policy = parsePolicy(spec, context);
  const looksAtGuess = policy.family === "rounds" && policy.stopping.looksAtGuess;
  if (looksAtGuess && context.verification === "rejection")
    throw invalidField(
      "policy",
      spec,
      "looks at the drafted token, so its text is exact under verification shared-noise only",
    );
  return policy;
}

function checkPrompt(tokenIds: readonly number[], { vocabSize, contextLength }: RequestLimits) {
  if (tokenIds.length === 0)
    throw new AdaedlError("invalid_argument", "prompt must have at least one token", {
      field: "prompt",
    });
  const bad = tokenIds.findIndex((id) => !isCount(id) || id >= vocabSize);
  if (bad >= 0)
    throw invalidField(
      `prompt token ids[${bad}]`,
      tokenIds[bad],
      `must be a whole number from 0 to ${vocabSize - 1}`,
    );
  if (tokenIds.length >= contextLength)
    throw new AdaedlError(
      "out_of_range",
      `prompt must be shorter than the context here, ${contextLength} tokens, got ${tokenIds.length}`,
      { field: "prompt", value: tokenIds.length },
    );
}

function checkMaxTokens(
  { promptTokenIds, maxTokens, untilContextEnds = false }: GenerationRequest,
  { contextLength }: RequestLimits,
): number {
  const numPromptTokens = promptTokenIds.length;
  const room = contextLength - numPromptTokens;
  if (maxTokens === undefined) return untilContextEnds ? room : Math.min(defaultMaxTokens, room);
  if (!isCount(maxTokens) || maxTokens === 0)
    throw invalidField("maxTokens", maxTokens, "must be a whole number, 1 or more");
  if (maxTokens > room)
    throw new AdaedlError(
      "out_of_range",
      `maxTokens must leave the sequence within the context here: ${numPromptTokens} prompt tokens + ${maxTokens} > ${contextLength}`,
      { field: "maxTokens", value: maxTokens },
    );
  return maxTokens;
}

function checkNumTopLogprobs(numTopLogprobs: number, wantsLogprobs: boolean): number {
  if (!isCount(numTopLogprobs) || numTopLogprobs > maxTopLogprobs)
    throw invalidField(
      "numTopLogprobs",
      numTopLogprobs,
      `must be a whole number from 0 to ${maxTopLogprobs}`,
    );
  if (numTopLogprobs > 0 && !wantsLogprobs)
    throw invalidField("numTopLogprobs", numTopLogprobs, "must be 0 without wantsLogprobs");
  return numTopLogprobs;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
