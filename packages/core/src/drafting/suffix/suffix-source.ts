import type { Drafter, TablePlace } from "../../stream/ports.ts";
import { SuffixDrafter, type SuffixDrafterOptions } from "./suffix-drafter.ts";

/** A suffix drafter as one of the edge's, which asks it place by place. */
export function createSuffixSource(options: SuffixDrafterOptions): Drafter<TablePlace> {
  let drafter: SuffixDrafter | undefined;
  return {
    async propose(text, length, paths) {
      if (text.length !== length) return { places: [] };
      drafter ??= new SuffixDrafter(text, options);
      const suffix = drafter;
      return { places: paths.map((path) => ({ candidates: suffix.propose(path, 1) })) };
    },
    async [Symbol.asyncDispose]() {
      drafter = undefined;
    },
  };
}
