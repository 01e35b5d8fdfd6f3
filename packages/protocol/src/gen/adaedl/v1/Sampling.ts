// Original file: ../../proto/adaedl/v1/sampling.proto


/**
 * How the target's next token is chosen. A field that is absent takes the default that the target
 * model's makers suggest, else the neutral value named here.
 */
export interface Sampling {
  /**
   * 0 takes the most probable token. 0 to 100, above 0 at least 0.001 (less counts as that); neutral 1.
   */
  'temperature'?: (number | string);
  /**
   * Keep the k most probable tokens; 0 (neutral) or -1 keeps all.
   */
  'topK'?: (number);
  /**
   * Keep the fewest tokens whose probabilities reach this. Above 0, at most 1 (neutral).
   */
  'topP'?: (number | string);
  /**
   * Drop tokens less probable than this times the most probable one. 0 (neutral) to 1.
   */
  'minP'?: (number | string);
  /**
   * Divides the logits of tokens in prompt and output. Above 0, at most 10; neutral 1.
   */
  'repetitionPenalty'?: (number | string);
  /**
   * Subtracted once from the logit of each token of the output. -2 to 2; neutral 0.
   */
  'presencePenalty'?: (number | string);
  /**
   * Subtracted per occurrence from the logit of each token of the output. -2 to 2; neutral 0.
   */
  'frequencyPenalty'?: (number | string);
  /**
   * Added to the logits of single tokens, by token id. -100 to 100 each; at most 1024.
   */
  'logitBias'?: ({[key: number]: number | string});
  '_temperature'?: "temperature";
  '_topK'?: "topK";
  '_topP'?: "topP";
  '_minP'?: "minP";
  '_repetitionPenalty'?: "repetitionPenalty";
  '_presencePenalty'?: "presencePenalty";
  '_frequencyPenalty'?: "frequencyPenalty";
}

/**
 * How the target's next token is chosen. A field that is absent takes the default that the target
 * model's makers suggest, else the neutral value named here.
 */
export interface Sampling__Output {
  /**
   * 0 takes the most probable token. 0 to 100, above 0 at least 0.001 (less counts as that); neutral 1.
   */
  'temperature'?: (number);
  /**
   * Keep the k most probable tokens; 0 (neutral) or -1 keeps all.
   */
  'topK'?: (number);
  /**
   * Keep the fewest tokens whose probabilities reach this. Above 0, at most 1 (neutral).
   */
  'topP'?: (number);
  /**
   * Drop tokens less probable than this times the most probable one. 0 (neutral) to 1.
   */
  'minP'?: (number);
  /**
   * Divides the logits of tokens in prompt and output. Above 0, at most 10; neutral 1.
   */
  'repetitionPenalty'?: (number);
  /**
   * Subtracted once from the logit of each token of the output. -2 to 2; neutral 0.
   */
  'presencePenalty'?: (number);
  /**
   * Subtracted per occurrence from the logit of each token of the output. -2 to 2; neutral 0.
   */
  'frequencyPenalty'?: (number);
  /**
   * Added to the logits of single tokens, by token id. -100 to 100 each; at most 1024.
   */
  'logitBias': ({[key: number]: number});
  '_temperature'?: "temperature";
  '_topK'?: "topK";
  '_topP'?: "topP";
  '_minP'?: "minP";
  '_repetitionPenalty'?: "repetitionPenalty";
  '_presencePenalty'?: "presencePenalty";
  '_frequencyPenalty'?: "frequencyPenalty";
}
