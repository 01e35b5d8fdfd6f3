import type { Drafter, TablePlace } from "../../stream/ports.ts";
import type { Text } from "../../text/text.ts";
import { SuffixDrafter, type SuffixDrafterOptions } from "./suffix-drafter.ts";

/** A suffix drafter as one of the edge's, which asks it place by place. Once it is closed, its text is a past answer. */
export function createSuffixSource(options: SuffixDrafterOptions): Drafter<TablePlace> {
  let open: { readonly text: Text; readonly suffix: SuffixDrafter } | undefined;
  return {
    async propose(text, length, paths) {
      if (text.length !== length) return { places: [] };
      open ??= { text, suffix: new SuffixDrafter(text, options) };
      const { suffix } = open;
      return { places: paths.map((path) => ({ candidates: suffix.propose(path, 1) })) };
    },
    async [Symbol.asyncDispose]() {
      if (open) options.past?.appendText(open.text.tokenIds.slice(options.numPromptTokens));
      open = undefined;
    },
  };
}
