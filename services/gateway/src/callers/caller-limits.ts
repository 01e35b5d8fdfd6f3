/** What one caller may ask for; absent where it is not limited. */
export interface CallerLimits {
  /** Generations at a time. */
  readonly concurrency?: number;
  readonly requestsPerMinute?: number;
  /** Prompt and output tokens. */
  readonly tokensPerMinute?: number;
}

export const noLimits: CallerLimits = {};

const names: Readonly<Record<string, keyof CallerLimits>> = {
  concurrency: "concurrency",
  "requests-per-minute": "requestsPerMinute",
  "tokens-per-minute": "tokensPerMinute",
};

/**
 * Limits as a line of the key file has them: `concurrency=8 requests-per-minute=60`.
 * @throws Error whose message is the rule that is broken
 */
export function parseLimits(words: readonly string[]): CallerLimits {
  const entries = words.map((word) => {
    const [name = "", value = ""] = word.split("=");
    const limit = names[name];
    const number = Number(value);
    if (limit === undefined || !Number.isSafeInteger(number) || number < 1)
      throw new Error(
        `must be a name, a key and limits such as ${Object.keys(names).join("=1 ")}=1, whole numbers from 1 on`,
      );
    return [limit, number] as const;
  });
  return Object.fromEntries(entries);
}
