import { randomInt } from "node:crypto";
import {
  type AdaedlError,
  createAdedSource,
  createRecycleSource,
  createSuffixChances,
  createSuffixSource,
  type Drafter,
  type DrafterKind,
  defaultSuffixTokens,
  invalidField,
  RankRates,
  SuccessorTable,
  SuffixMemory,
  TrigramTable,
} from "@adaedl/core";
import type { SlotSettings } from "@adaedl/runtime";
import { ClientMemories } from "../client-memories.ts";

/** What is drafted for. */
export interface DraftedText extends SlotSettings {
  /** Whose text it is: what tables remember of it serves this client alone. Default: the only one. */
  readonly client?: string | undefined;
}

/** Opens what drafts, for one text after the other. */
export interface DrafterFactory {
  readonly kind: DrafterKind;
  /** @param width most places of one question */
  open(text: DraftedText, width: number, signal?: AbortSignal): Promise<Drafter>;
}

export type OpenModelDrafter = (
  settings: SlotSettings,
  width: number,
  signal?: AbortSignal,
) => Promise<Drafter>;

/** What tables know besides the text. */
export interface TableOptions {
  /**
   * What is remembered of a client's texts for its next ones: tokens of answers, different tokens, pairs of them, each
   * so many; 0: each text begins with nothing.
   */
  readonly pastTokens?: number | undefined;
  /** A text such as those that are written, for `aded`. */
  readonly corpus?: readonly number[] | undefined;
}

/**
 * What drafts where nobody says.
 * @param hasTable whether a table drafts beside the target: one at the edge adds nothing to that and a model
 */
export function defaultDrafters(hasModel: boolean, hasTable = false): readonly DrafterKind[] {
  if (!hasModel) return ["suffix"];
  return hasTable ? ["model"] : ["model", "suffix"];
}

/**
 * Call it before models are opened and verifiers awaited, so that nothing is left open.
 * @throws AdaedlError `invalid_argument` for `model` without a draft model
 */
export function checkDrafters(kinds: readonly DrafterKind[] | undefined, hasModel: boolean): void {
  if (!hasModel && kinds?.includes("model")) throw needsModel(kinds);
}

function needsModel(kinds: readonly DrafterKind[]): AdaedlError {
  return invalidField("drafters", kinds.join(","), "must not name model without a draft model");
}

/**
 * @param kinds what is to draft, each once
 * @param openModel absent without a draft model
 * @throws AdaedlError `invalid_argument` for `model` without one
 */
export function createDrafterFactories(
  kinds: readonly DrafterKind[],
  openModel: OpenModelDrafter | undefined,
  tables: TableOptions = {},
): readonly DrafterFactory[] {
  return kinds.map((kind) => {
    if (kind === "suffix") return createSuffixFactory(tables);
    if (kind === "recycle") return createRecycleFactory(tables);
    if (kind === "aded") return createAdedFactory(tables);
    if (openModel === undefined) throw needsModel(kinds);
    return { kind, open: ({ client: _, ...settings }, ...more) => openModel(settings, ...more) };
  });
}

/** What it learns of the chances in one text serves the next of anybody, what is said in it the same client's. */
function createSuffixFactory(tables: TableOptions): DrafterFactory {
  const salt = randomInt(2 ** 31);
  // A text's own tokens are indexed anyway.
  const keepsPast = tables.pastTokens !== 0;
  const pastOf = rememberedOf(tables, (maxTokens) => new SuffixMemory(maxTokens, salt));
  const greedy = createSuffixChances(true);
  const sampled = createSuffixChances(false);
  return {
    kind: "suffix",
    async open({ sampling, seed, numPromptTokens, client }) {
      const isGreedy = sampling.temperature === 0;
      const chances = isGreedy ? greedy : sampled;
      return createSuffixSource({
        ...{ seed, isGreedy, numPromptTokens, salt, chances },
        ...{ maxTokens: defaultSuffixTokens, past: keepsPast ? pastOf(client) : undefined },
      });
    },
  };
}

function createRecycleFactory(tables: TableOptions): DrafterFactory {
  const tableOf = rememberedOf(tables, (maxTokens) => new SuccessorTable(maxTokens));
  const greedy = new RankRates();
  const sampled = new RankRates();
  return {
    kind: "recycle",
    async open({ sampling, seed, client }) {
      const isGreedy = sampling.temperature === 0;
      const rates = isGreedy ? greedy : sampled;
      return createRecycleSource({ seed, isGreedy, rates, table: tableOf(client) });
    },
  };
}

function createAdedFactory(tables: TableOptions): DrafterFactory {
  const tableOf = rememberedOf(tables, (maxPairs) => new TrigramTable(maxPairs));
  const corpus = tables.corpus && new TrigramTable(maxCorpusPairs);
  corpus?.learnAll(tables.corpus ?? []);
  return {
    kind: "aded",
    async open({ sampling, seed, client }) {
      const isGreedy = sampling.temperature === 0;
      return createAdedSource({ seed, isGreedy, corpus, table: tableOf(client) });
    },
  };
}

/** Pairs of tokens of a corpus whose successors are counted: at most 10.5 MB. */
const maxCorpusPairs = 65_536;

/** Gives each text the table of its client, or one of its own where nothing is to be remembered. */
function rememberedOf<Table>(
  { pastTokens = defaultSuffixTokens }: TableOptions,
  create: (size: number) => Table,
): (client?: string) => Table {
  if (pastTokens === 0) return () => create(defaultSuffixTokens);
  const clients = new ClientMemories(
    () => create(pastTokens),
    () => performance.now(),
  );
  return (client = "") => clients.of(client);
}
