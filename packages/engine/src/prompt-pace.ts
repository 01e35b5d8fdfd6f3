/** Tokens of a prompt in one forward: bounds the memory of a step. */
export const longestPiece = 256;
/** Below this a forward takes about as long as one of a single token: it reads all weights. */
const shortestPiece = 16;
/** While the model's speed is unknown. */
const firstPiece = 32;
/** How long a piece may take. Until it ends, no request is served and no progress reported. */
const pieceMs = 1_000;

/** How fast a model computes tokens, and what follows for the length of its forwards. */
export interface PromptPace {
  /** Longest piece of a prompt. */
  pieceLength(): number;
  /** Tokens of a step that take about two pieces' time. */
  readonly stepTokens: number;
  /** A forward has ended. */
  observe(numTokens: number, forwardMs: number): void;
}

/**
 * Bounds a forward by time: a model that is slow on this machine gets short pieces of prompts, so that
 * rounds are answered, progress is seen and a request that ends lets go of the model within seconds.
 */
export function createPromptPace(): PromptPace {
  let msPerToken: number | undefined;
  return {
    pieceLength() {
      if (msPerToken === undefined) return firstPiece;
      let length = longestPiece;
      while (length > shortestPiece && length * msPerToken > pieceMs) length /= 2;
      return length;
    },
    get stepTokens() {
      if (msPerToken === undefined) return Number.POSITIVE_INFINITY;
      return Math.max(2 * shortestPiece, Math.floor((2 * pieceMs) / msPerToken));
    },
    observe(numTokens, forwardMs) {
      if (numTokens < shortestPiece) return; // reading the weights takes most of its time
      const measured = forwardMs / numTokens;
      msPerToken = msPerToken === undefined ? measured : (msPerToken + measured) / 2;
    },
  };
}
