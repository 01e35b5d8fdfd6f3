import { invalidField } from "../errors.ts";
import {
  countUpTo,
  draftLength,
  fraction,
  gammaOf,
  oneOf,
  orAuto,
} from "../stopping/param-rules.ts";
import type { PolicyDefinition } from "../stopping/policy-definition.ts";
import type { DrafterKind } from "../stream/ports.ts";
import { type ChanceModel, createEntropyChances } from "./chances.ts";
import { createDraftingPace, createTablePace, type DraftingPace } from "./drafting-pace.ts";
import { createLearntChances } from "./learnt-chances.ts";
import { createMergedChances, type MergedChances } from "./merged-chances.ts";
import { createTableChances, statedChances } from "./table-chances.ts";

/**
 * Drafts while the target decodes, and neither waits for the other. One policy object belongs to one
 * text and may learn from it. Nothing of it can show in the text: it needs shared noise.
 */
export interface StreamPolicy {
  readonly family: "stream";
  /** The specification that makes this policy again, every parameter spelled out. */
  readonly spec: string;
  /** Absent: the edge drafts nothing. */
  readonly drafting?: StreamDrafting;
  /** Whether the verifier is to draft nothing either. Default: false. */
  readonly isPlain?: boolean;
}

export interface StreamDrafting {
  /** Made for this text by the first call, the same ever after. */
  sourceOf(kind: DrafterKind): SourceDrafting;
}

/** How one source drafts. */
export interface SourceDrafting {
  /** Draft tokens that it proposes for each place. */
  readonly numCandidates: number;
  readonly chances: ChanceModel;
  /** Where other sources have proposed something, too. */
  readonly merged: MergedChances;
  readonly pace: DraftingPace;
}

/** Places of one draft forward: more than a text has likely continuations. */
export const maxDraftWidth = 4;

type StreamParams = {
  /** Least chance of a path that is drafted on from, or sent. */
  readonly bound: number | "auto";
  readonly candidates: number;
  /** Places in one draft forward. */
  readonly width: number;
  /** Draft tokens beyond the text. */
  readonly depth: number;
  readonly chances: "learnt" | "adaedl";
  /** Of AdaEDL's bound. */
  readonly gamma: number;
};

/**
 * Offers the likeliest continuations of the text as a tree, bounded by the chance of each path.
 * `chances=adaedl` is AdaEDL's bound as flow control (arXiv 2410.18351): a path is worth drafting while
 * the product of 1 - sqrt(gamma * H) along it is above the bound. `chances=learnt` begins there and
 * learns from what the target commits.
 */
export const stream: PolicyDefinition<StreamParams, StreamPolicy> = {
  name: "stream",
  form: "stream[:bound=auto,candidates=3,width=4,depth=48,chances=learnt,gamma=0.2]",
  params: {
    bound: { ...orAuto(fraction(0)), default: "auto" },
    candidates: countUpTo(8, 3),
    width: countUpTo(maxDraftWidth, 4),
    depth: draftLength(48),
    chances: oneOf("learnt", "adaedl"),
    gamma: gammaOf(0.2),
  },
  create({ bound, candidates, width, depth, chances, gamma }, spec, context) {
    const { memory, verification = "shared-noise", temperature = 1 } = context;
    if (verification === "rejection")
      throw invalidField(
        "policy",
        spec,
        "drafts while the target decodes, so its text is exact under verification shared-noise only",
      );
    const key = `${spec} ${verification} ${temperature.toFixed(1)}`;
    const settings = { bound, width, maxDepth: depth };
    const createModel = (): SourceDrafting => ({
      numCandidates: candidates,
      chances:
        chances === "learnt"
          ? createLearntChances(gamma, key, memory)
          : createEntropyChances(gamma),
      merged: createMergedChances(`model ${key}`, memory),
      pace: createDraftingPace(settings, key, memory),
    });
    const createTable = (ofTable: string): SourceDrafting => ({
      numCandidates: candidates,
      chances: chances === "learnt" ? createTableChances(ofTable, memory) : statedChances,
      merged: createMergedChances(ofTable, memory),
      pace: createTablePace(settings, ofTable, memory, temperature === 0),
    });
    const sources = new Map<DrafterKind, SourceDrafting>();
    const sourceOf = (kind: DrafterKind) => {
      const source =
        sources.get(kind) ?? (kind === "model" ? createModel() : createTable(`${kind} ${key}`));
      sources.set(kind, source);
      return source;
    };
    return { family: "stream", spec, drafting: { sourceOf } };
  },
};

/** Plain decoding, under either verification rule. */
export const plainStream: PolicyDefinition<Record<never, never>, StreamPolicy> = {
  name: "none",
  form: "none",
  params: {},
  create: (_, spec) => ({ family: "stream", spec, isPlain: true }),
};

/** What the verifier drafts itself, and nothing else: for an edge without a draft model. */
export const verifierStream: PolicyDefinition<Record<never, never>, StreamPolicy> = {
  name: "verifier",
  form: "verifier",
  params: {},
  create: (_, spec) => ({ family: "stream", spec }),
};
