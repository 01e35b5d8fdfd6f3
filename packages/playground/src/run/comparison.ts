import type { RunState } from "./run-state.ts";
import { statisticsOf } from "./statistics.ts";

/** What can be said of one text decoded under two policies. */
export interface Verdict {
  readonly kind: "identical" | "different" | "unknown";
  readonly sentence: string;
}

/** Whether both runs wrote the same text; undefined before both have ended. */
export function compareTexts(first: RunState, second: RunState): Verdict | undefined {
  if (!hasEnded(first) || !hasEnded(second)) return undefined;
  if (first.phase !== "finished" || second.phase !== "finished")
    return { kind: "unknown", sentence: "One of the two did not come to its end." };
  if (first.text === second.text)
    return {
      kind: "identical",
      sentence: "Both texts are identical, to the last character.",
    };
  const at = commonLength(first.text, second.text);
  const parted = `The texts part after ${at} ${at === 1 ? "character" : "characters"}.`;
  const verification = first.request?.verification ?? first.speculation?.verification;
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

/** Whether drafting did not pay: both runs are finished, and the one without drafts was clearly the faster. */
export function isPlainFaster(drafting: RunState, plain: RunState): boolean {
  if (drafting.phase !== "finished" || plain.phase !== "finished") return false;
  const { tokensPerSecond: drafted = 0 } = statisticsOf(drafting);
  const { tokensPerSecond: undrafted = 0 } = statisticsOf(plain);
  const isOneAlone = drafting.totals.numDrafted > 0 && plain.totals.numDrafted === 0;
  return isOneAlone && undrafted > clearlyFaster * drafted;
}

function hasEnded({ phase }: RunState): boolean {
  return phase === "finished" || phase === "stopped" || phase === "failed";
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
