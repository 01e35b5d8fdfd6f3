/** Whether drafting is of use: what a slow edge does not have. */
export interface DraftUse {
  /** Whether to draft, for all that is known. */
  readonly isWorthwhile: boolean;
  /** The text grew by so many tokens, of which so many were draft tokens. */
  observe(numTokens: number, numAccepted: number): void;
}

/**
 * Share of the tokens that are accepted draft tokens, below which drafting stops: what is accepted is
 * what speed is gained, however many draft tokens it takes.
 */
const usual = { leastUse: 0.01, windowTokens: 600 };
/** Of a look whether it has changed, which takes 2 % of the tokens. */
const lookTokens = 40;
const restTokens = 49 * lookTokens;

/**
 * Drafts; rests where drafts are not used; and looks now and then whether that has changed.
 * @param settings `windowTokens`: tokens after which it is decided
 */
export function createDraftUse({ leastUse, windowTokens } = usual): DraftUse {
  let state: "drafting" | "resting" | "looking" = "drafting";
  let tokens = 0;
  let accepted = 0;

  return {
    get isWorthwhile() {
      return state !== "resting";
    },
    observe(numTokens, numAccepted) {
      tokens += numTokens;
      accepted += numAccepted;
      const length = { drafting: windowTokens, resting: restTokens, looking: lookTokens }[state];
      if (tokens < length) return;
      if (state === "resting") state = "looking";
      else state = accepted >= leastUse * tokens ? "drafting" : "resting";
      tokens = 0;
      accepted = 0;
    },
  };
}
