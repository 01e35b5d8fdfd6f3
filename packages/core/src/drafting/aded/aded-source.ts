import type { Drafter, TableCandidate, TablePlace } from "../../stream/ports.ts";
import type { Text } from "../../text/text.ts";
import { type NoiseSettings, underNoise } from "../noisy-shares.ts";
import { DraftSearch } from "./draft-search.ts";
import type { TrigramTable } from "./trigram-table.ts";

export interface AdedOptions extends NoiseSettings {
  /** Learns this text; of other texts, too, that may be drafted from here. */
  readonly table: TrigramTable;
  /** Of a text that stands for what will be written; asked where the other one knows nothing. */
  readonly corpus?: TrigramTable | undefined;
  /** Of a search, which is made once for each commit. Default: 64 */
  readonly numVisits?: number;
}

/** Tokens of the text that are read at a time: some milliseconds. */
const maxRead = 4096;

/**
 * Drafts from a table of trigrams by tree search (ADED, arXiv 2407.12021). What is searched is what the target may
 * take under its noise.
 */
export function createAdedSource(options: AdedOptions): Drafter<TablePlace> {
  const { table, corpus, numVisits = 64, ...noise } = options;
  let search: { readonly length: number; readonly result: DraftSearch } | undefined;
  let numRead = 0;

  /** @returns whether the text is read to its end */
  function read({ tokenIds, length }: Text): boolean {
    const start = Math.max(0, numRead - 2);
    numRead = Math.min(length, numRead + maxRead);
    table.learnAll(tokenIds.slice(start, numRead));
    return numRead === length;
  }

  function expand({ tokenIds }: Text, length: number, path: readonly number[]): TableCandidate[] {
    const [first, second] = [...tokenIds.slice(Math.max(0, length - 2), length), ...path].slice(-2);
    if (first === undefined || second === undefined) return [];
    const own = table.candidatesAfter(first, second);
    const candidates = own.length > 0 ? own : (corpus?.candidatesAfter(first, second) ?? []);
    return underNoise(candidates, length + path.length, noise);
  }

  return {
    async propose(text, length, paths, numCandidates) {
      if (text.length !== length || !read(text)) return { places: [] };
      if (search?.length !== length)
        search = {
          length,
          result: new DraftSearch((path) => expand(text, length, path), numVisits),
        };
      const { result } = search;
      const places = paths.map((path) => ({
        candidates: result.candidatesAfter(path).slice(0, numCandidates),
      }));
      return { places };
    },
    async [Symbol.asyncDispose]() {
      search = undefined;
    },
  };
}
