import type { RunState } from "./run-state.ts";
import { statisticsOf } from "./statistics.ts";

/** What can be said of a text and the same text decoded plainly. */
export interface Verdict {
  readonly kind: "identical" | "different" | "unknown";
  readonly sentence: string;
}

/** Whether both runs wrote the same text; undefined before both have ended. */
export function compareTexts(speculative: RunState, plain: RunState): Verdict | undefined {
  if (!hasEnded(speculative) || !hasEnded(plain)) return undefined;
  if (speculative.phase !== "finished" || plain.phase !== "finished")
    return { kind: "unknown", sentence: "One of the two did not come to its end." };
  if (speculative.text === plain.text)
    return {
      kind: "identical",
      sentence: "Both texts are identical, to the last character.",
    };
  const at = commonLength(speculative.text, plain.text);
  const parted = `The texts part after ${at} ${at === 1 ? "character" : "characters"}.`;
  const verification = speculative.request?.verification ?? speculative.speculation?.verification;
  return {
    kind: "different",
    sentence:
      verification === "rejection"
        ? `${parted} Under rejection both follow the same law, with different draws.`
        : parted,
  };
}

/** Less than this is chance: the same run takes a little longer or shorter each time. */
const clearlyFaster = 1.05;

/** Whether drafting did not pay: both runs are finished, and the plain one was clearly the faster. */
export function isPlainFaster(speculative: RunState, plain: RunState): boolean {
  if (speculative.phase !== "finished" || plain.phase !== "finished") return false;
  const { tokensPerSecond: drafted = 0 } = statisticsOf(speculative);
  const { tokensPerSecond: undrafted = 0 } = statisticsOf(plain);
  return speculative.totals.numDrafted > 0 && undrafted > clearlyFaster * drafted;
}

function hasEnded({ phase }: RunState): boolean {
  return phase === "finished" || phase === "stopped" || phase === "failed";
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
