import { type Drafter, maxSuccessors, type TablePlace } from "../../stream/ports.ts";
import { type NoiseSettings, underNoise } from "../noisy-shares.ts";
import type { RankRates, SuccessorTable } from "./successor-table.ts";

export interface RecycleOptions extends NoiseSettings {
  /** Of other texts, too, that may be drafted from here. */
  readonly table: SuccessorTable;
  readonly rates: RankRates;
}

/**
 * Drafts by walking a table of the target's likeliest tokens after each token, which the target fills as it
 * commits. Of the tokens in the verified chain those that were rejected teach nothing here: a commit does not name
 * them.
 */
export function createRecycleSource({
  table,
  rates,
  ...noise
}: RecycleOptions): Drafter<TablePlace> {
  return {
    numSuccessors: maxSuccessors,
    supervise({ tokenIds: text }, { position, tokenIds, successors }) {
      for (const [index, likely] of successors.entries())
        table.learn(text[position + index - 1] as number, tokenIds[index] as number, likely, rates);
    },
    async propose({ tokenIds }, length, paths, numCandidates) {
      const places = paths.map((path) => {
        const last = path.at(-1) ?? (tokenIds[length - 1] as number);
        const candidates = table.candidatesAfter(last, rates);
        const likely = underNoise(candidates, length + path.length, noise);
        return { candidates: likely.slice(0, numCandidates) };
      });
      return { places };
    },
    async [Symbol.asyncDispose]() {},
  };
}
