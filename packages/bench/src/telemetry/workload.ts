/** What is asked for, over and over. */
export interface Workload {
  readonly prompts: readonly string[];
  /** Output tokens of each request. */
  readonly numTokens: number;
}

/** The body of request number `index`, which has a text of its own. */
export function bodyOf({ prompts, numTokens }: Workload, index: number): object {
  return {
    prompt: prompts[index % prompts.length] ?? "",
    max_tokens: numTokens,
    ignore_eos: true,
    temperature: 0.7,
    seed: index,
  };
}
