import { invalidField } from "../errors.ts";

/** How the target's next token is chosen. Neutral values switch a step off. */
export interface SamplingParams {
  /**
   * 0 takes the most probable token; 1 samples the model's own distribution. 0 to 100; what is above 0 and
   * below 0.001 counts as 0.001.
   */
  readonly temperature: number;
  /** Keep the k most probable tokens; 0, or -1 as in vLLM, keeps all. */
  readonly topK: number;
  /** Keep the smallest set of tokens whose probabilities reach topP. Above 0, at most 1. */
  readonly topP: number;
  /** Drop tokens less probable than minP times the most probable one. 0 to 1; 0 keeps all. */
  readonly minP: number;
  /** Divides (multiplies, when negative) the logits of tokens in prompt and output. Above 0; 1 is off. */
  readonly repetitionPenalty: number;
  /** Subtracted once from the logit of each token already generated. -2 to 2. */
  readonly presencePenalty: number;
  /** Subtracted per occurrence from the logit of each token already generated. -2 to 2. */
  readonly frequencyPenalty: number;
  /** Added to the logits of single tokens, by token id. -100 to 100 each. */
  readonly logitBias: ReadonlyMap<number, number>;
}

export const defaultSamplingParams: SamplingParams = {
  temperature: 1,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  presencePenalty: 0,
  frequencyPenalty: 0,
  logitBias: new Map(),
};

/** 1 / temperature has to stay a float32. Clients send 1e-6 for "greedy", which vLLM raises as well. */
const leastTemperature = 0.001;

/**
 * Completes, checks and normalizes sampling parameters: temperatures close to 0 are raised to 0.001, and
 * `topK` -1 becomes 0.
 * @param vocabSize bounds the token ids of `logitBias`
 * @throws AdaedlError `invalid_argument` naming the field, its value and the rule
 */
export function parseSamplingParams(
  input: Partial<SamplingParams>,
  vocabSize: number,
): SamplingParams {
  const params = { ...defaultSamplingParams, ...input };
  check("temperature", params.temperature, "must be from 0 to 100", within(0, 100));
  check("topK", params.topK, "must be a whole number, -1 or more", (x) => x === -1 || isCount(x));
  check("topP", params.topP, "must be above 0 and at most 1", (x) => x > 0 && x <= 1);
  check("minP", params.minP, "must be from 0 to 1", within(0, 1));
  check("repetitionPenalty", params.repetitionPenalty, "must be above 0 and at most 10", (x) => {
    return x > 0 && x <= 10;
  });
  check("presencePenalty", params.presencePenalty, "must be from -2 to 2", within(-2, 2));
  check("frequencyPenalty", params.frequencyPenalty, "must be from -2 to 2", within(-2, 2));
  for (const [tokenId, bias] of params.logitBias) {
    const isTokenId = (id: number) => isCount(id) && id < vocabSize;
    check("logitBias token id", tokenId, `must be a whole number below ${vocabSize}`, isTokenId);
    check(`logitBias[${tokenId}]`, bias, "must be from -100 to 100", within(-100, 100));
  }
  const temperature =
    params.temperature > 0 ? Math.max(params.temperature, leastTemperature) : params.temperature;
  return { ...params, temperature, topK: Math.max(params.topK, 0) };
}

/** Whether logits have to be changed one by one before temperature and truncation. */
export function changesLogits(params: SamplingParams): boolean {
  return (
    params.repetitionPenalty !== 1 ||
    params.presencePenalty !== 0 ||
    params.frequencyPenalty !== 0 ||
    params.logitBias.size > 0
  );
}

function check(field: string, value: number, rule: string, isValid: (value: number) => boolean) {
  if (typeof value !== "number" || !isValid(value)) throw invalidField(field, value, rule);
}

function within(low: number, high: number): (value: number) => boolean {
  return (value) => value >= low && value <= high;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
