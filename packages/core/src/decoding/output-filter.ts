import type { TextStream } from "./ports.ts";
import { createStopStringMatcher } from "./stop-strings.ts";

export type FinishReason = "stop" | "length";

/** When an output ends. */
export interface OutputLimits {
  /** Output tokens, 1 or more. */
  readonly maxTokens: number;
  /** Tokens that end the output; they count as output but have no text. */
  readonly stopTokenIds: ReadonlySet<number>;
  /** Strings that end the output; they and what follows them are cut off. Need a text stream. */
  readonly stopStrings: readonly string[];
}

/** What one committed token did to the output. */
export interface OutputStep {
  /** Text that became certain. */
  readonly text: string;
  /** Set on the last token: what is committed after it does not belong to the output. */
  readonly finishReason?: FinishReason;
}

/**
 * Takes committed tokens one by one and says where the output ends, so that a stop in the middle of
 * an accepted block ends it exactly where plain decoding would have.
 */
export function createOutputFilter(
  limits: OutputLimits,
  textStream: TextStream | undefined,
): (tokenId: number) => OutputStep {
  const matcher = createStopStringMatcher(limits.stopStrings);
  let numTokens = 0;

  return (tokenId) => {
    numTokens++;
    const isStopToken = limits.stopTokenIds.has(tokenId);
    const finishReason = isStopToken
      ? "stop"
      : numTokens >= limits.maxTokens
        ? "length"
        : undefined;
    let pending = isStopToken ? "" : (textStream?.push(tokenId) ?? "");
    if (finishReason !== undefined) pending += textStream?.flush() ?? "";

    const match = matcher.push(pending);
    if (match.stopString !== undefined) return { text: match.text, finishReason: "stop" };
    if (finishReason === undefined) return { text: match.text };
    return { text: match.text + matcher.flush(), finishReason };
  };
}
