/** Whether drafting is of use: what a slow edge does not have. */
export interface DraftUse {
  /** Whether to draft, for all that is known. */
  readonly isWorthwhile: boolean;
  /** So many places were drafted, and so many draft tokens accepted. */
  observe(numDrafted: number, numUsed: number): void;
  /** The text grew by so many tokens. */
  passed(numTokens: number): void;
}

/** Share of drafted places whose draft token is accepted, below which drafting stops. */
const leastUse = 0.02;
/** Tokens after which that is decided; and of a look whether it has changed, which takes 2 % of the tokens. */
const windowTokens = 300;
const lookTokens = 20;
const restTokens = 49 * lookTokens;

/** Drafts; rests where drafts are not used; and looks now and then whether that has changed. */
export function createDraftUse(): DraftUse {
  let state: "drafting" | "resting" | "looking" = "drafting";
  let numTokens = 0;
  let numDrafted = 0;
  let numUsed = 0;

  function decide(): void {
    const isUsed = numUsed >= leastUse * numDrafted;
    if (state === "resting") state = "looking";
    else state = isUsed ? "drafting" : "resting";
    numTokens = 0;
    numDrafted = 0;
    numUsed = 0;
  }

  return {
    get isWorthwhile() {
      return state !== "resting";
    },
    observe(drafted, used) {
      numDrafted += drafted;
      numUsed += used;
    },
    passed(count) {
      numTokens += count;
      const length = { drafting: windowTokens, resting: restTokens, looking: lookTokens }[state];
      if (numTokens >= length) decide();
    },
  };
}
