/** What became of a piece of text that was shown to the matcher. */
export interface StopMatch {
  /** Text that is now certain to be part of the output. */
  readonly text: string;
  /** The stop string that ended the output, if one did. */
  readonly stopString?: string;
}

/**
 * Finds stop strings in streamed text. Text that may still turn out to be the beginning of a stop
 * string is held back; what a stop string matched, and what follows it, never comes out.
 */
export interface StopStringMatcher {
  push(text: string): StopMatch;
  /** What was held back, when the output ended for another reason. */
  flush(): string;
}

export function createStopStringMatcher(stopStrings: readonly string[]): StopStringMatcher {
  let held = "";
  return {
    push(text) {
      held += text;
      const found = firstMatch(held, stopStrings);
      if (found !== undefined) {
        const certain = held.slice(0, found.index);
        held = "";
        return { text: certain, stopString: found.stopString };
      }
      const numCertain = held.length - longestOpenMatch(held, stopStrings);
      const certain = held.slice(0, numCertain);
      held = held.slice(numCertain);
      return { text: certain };
    },
    flush() {
      const rest = held;
      held = "";
      return rest;
    },
  };
}

/**
 * The match that is complete first, of two complete at the same place the longer one: what reading
 * character by character would find, however the text was cut into pieces.
 */
function firstMatch(text: string, stopStrings: readonly string[]) {
  let first: { index: number; end: number; stopString: string } | undefined;
  for (const stopString of stopStrings) {
    const index = text.indexOf(stopString);
    if (index < 0) continue;
    const end = index + stopString.length;
    if (!first || end < first.end || (end === first.end && index < first.index))
      first = { index, end, stopString };
  }
  return first;
}

/** Length of the longest end of `text` that is a beginning of a stop string. */
function longestOpenMatch(text: string, stopStrings: readonly string[]): number {
  let longest = 0;
  for (const stopString of stopStrings) {
    const limit = Math.min(text.length, stopString.length - 1);
    for (let length = limit; length > longest; length--)
      if (text.endsWith(stopString.slice(0, length))) longest = length;
  }
  return longest;
}
