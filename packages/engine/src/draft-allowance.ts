/** How long drafts may be, given how busy the target is. */
export interface DraftAllowance {
  /** Longest draft now; 0 asks for plain decoding. */
  readonly current: number;
  /** Told about each step. @param load share of the step's budget that was asked for, 0 and up */
  observe(load: number): void;
}

const highLoad = 0.85;
/** Less than half of the high one: where drafts themselves are the load, one change halves it. */
const lowLoad = 0.35;
/** Weight of the past in the running load: it follows within some 8 steps. */
const memory = 0.875;
/** Steps between two changes: a change shows in the load only after it has been obeyed. */
const pause = 16;

/**
 * Halves the longest draft while the target is overloaded and doubles it again when there is room.
 * Guesses take places in a step that other sessions' tokens could have: under load the sure token
 * beats the likely one. The gap between the two thresholds is wider than what one change moves, so
 * that the allowance does not swing at the edge.
 */
export function createDraftAllowance(longest: number): DraftAllowance {
  let current = longest;
  let load = 0;
  let numSteps = 0;
  return {
    get current() {
      return current;
    },
    observe(stepLoad) {
      load = memory * load + (1 - memory) * stepLoad;
      numSteps++;
      if (numSteps < pause) return;
      if (load > highLoad && current > 0) {
        current = Math.floor(current / 2);
        numSteps = 0;
      } else if (load < lowLoad && current < longest) {
        current = Math.min(longest, Math.max(1, current * 2));
        numSteps = 0;
      }
    },
  };
}

/** Keeps a session from wasting the target's time with guesses that are never right. */
export interface AcceptanceGuard {
  /** Longest draft of the session's next round. */
  limit(allowed: number): number;
  observe(numDrafted: number, numAccepted: number): void;
}

const watchedRounds = 64;
/** Least share of rounds whose first guess holds: an honest draft is far above, at any length. */
const leastAcceptance = 0.1;
/** Rounds before anything is concluded. */
const fewRounds = 32;

/** One guess a round for a session whose first guesses were refused nine times out of ten. */
export function createAcceptanceGuard(): AcceptanceGuard {
  const hits: boolean[] = [];
  return {
    limit(allowed) {
      const numHits = hits.filter((isHit) => isHit).length;
      const isWasteful = hits.length >= fewRounds && numHits < leastAcceptance * hits.length;
      return isWasteful ? Math.min(1, allowed) : allowed;
    },
    observe(numDrafted, numAccepted) {
      if (numDrafted === 0) return;
      hits.push(numAccepted > 0);
      if (hits.length > watchedRounds) hits.shift();
    },
  };
}
