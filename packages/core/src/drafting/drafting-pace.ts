import type { PolicyMemory } from "../stopping/policy-context.ts";
import type { DraftingLimits } from "../stream/edge-events.ts";
import { createDraftCosts, type DraftCosts } from "./draft-costs.ts";
import { createDraftUse, type DraftUse } from "./draft-use.ts";

/** Within what limits to draft, by what draft forwards cost and bring. Belongs to one text. */
export interface DraftingPace {
  /** Most places of a draft forward, whatever is measured. */
  readonly maxWidth: number;
  /** For now; the same object until something changes. */
  limits(): DraftingLimits;
  /** A draft forward for so many places took so long. */
  observeDraft(numPlaces: number, ms: number): void;
  /**
   * @param commit its tokens, of which so many were draft tokens, and the milliseconds of its target forward;
   *   `numForegone`: tokens that no draft token stood for, and that this source alone had known
   */
  observeCommit(commit: {
    readonly numTokens: number;
    readonly numAccepted: number;
    readonly numForegone?: number;
    readonly verifyMs: number;
  }): void;
}

/** What a stream policy says about the limits. */
export interface PaceSettings {
  /** `auto`: by the share of a draft forward in a target forward. */
  readonly bound: number | "auto";
  readonly width: number;
  readonly maxDepth: number;
}

interface Experience {
  readonly costs: DraftCosts;
  readonly use: DraftUse;
  /** Of a target forward; undefined until one was timed. */
  verifyMs: number | undefined;
}

/** Paths with less of a chance than this share of draft forward to target forward are not worth it. */
const boundShare = 0.1;
/** The share in the beginning. */
const usualShare = 0.2;
const highestBound = 0.5;
/** A draft forward above this share of a target forward expands one place. */
const slowShare = 0.5;
const verifyWeight = 0.1;

/**
 * Limits from measured times: the bound and the width follow the share of a draft forward in a target
 * forward, and the cost of a branch follows the forwards for several places. Where next to nothing of
 * the text is draft tokens, drafting pauses.
 * @param key of what texts of this kind learn together in `memory`
 */
export function createDraftingPace(
  settings: PaceSettings,
  key: string,
  memory: PolicyMemory | undefined,
): DraftingPace {
  const shared = memory?.recall(`pace ${key}`, createExperience) ?? createExperience();
  const { costs, use } = shared;
  /** The first draft forward of a text computes its prompt: its time says nothing about others. */
  let isOpening = true;
  let limits: DraftingLimits = limitsNow();

  function limitsNow(): DraftingLimits {
    const { forwardMs } = costs;
    const { verifyMs } = shared;
    const share = forwardMs === undefined || !verifyMs ? usualShare : forwardMs / verifyMs;
    return {
      bound:
        settings.bound === "auto" ? Math.min(boundShare * share, highestBound) : settings.bound,
      width: share > slowShare ? 1 : settings.width,
      branchCost: costs.branchCost,
      maxDepth: use.isWorthwhile ? settings.maxDepth : 0,
    };
  }

  return {
    maxWidth: settings.width,
    limits() {
      const now = limitsNow();
      const names = Object.keys(now) as (keyof DraftingLimits)[];
      if (names.some((name) => now[name] !== limits[name])) limits = now;
      return limits;
    },
    observeDraft(numPlaces, ms) {
      if (!isOpening) costs.observe(numPlaces, ms);
      isOpening = false;
    },
    observeCommit({ numTokens, numAccepted, verifyMs }) {
      shared.verifyMs ??= verifyMs;
      shared.verifyMs += verifyWeight * (verifyMs - shared.verifyMs);
      use.observe(numTokens, numAccepted);
    },
  };
}

/** A table that is wrong costs rows and bytes, and nothing where it rests: that may be decided soon. */
const tableUse = { leastUse: 0.02, windowTokens: 200 };
/** What a table may be asked for at a time. */
const tableWidth = 8;
/** Its draft tokens take no draft forward, but bytes on the way, and a row where they are verified. */
const tableBound = 0.05;

/** Where a table has been of no use, it drafts on where it is surer than not: a text may begin to quote. */
const sureBound = 0.5;

/**
 * What a table has known alone, each token of the text a little less than the next one: with so much of it, two
 * tokens within 23 of each other, it is of use. Open prose above temperature 0 hardly ever comes there.
 */
const proof = { score: 1.5, memory: 0.97 };

/**
 * Of a table, which answers at once: it drafts as far as its draft tokens are likely. Until it has proven to be
 * of use, as where it has been of none, it drafts where it is surer than not.
 * @param isProven whether texts of this kind repeat themselves
 */
export function createTablePace(
  { bound, maxDepth }: Pick<PaceSettings, "bound" | "maxDepth">,
  key: string,
  memory: PolicyMemory | undefined,
  isProven = false,
): DraftingPace {
  const create = () => ({ use: createDraftUse(tableUse), isProven, score: 0 });
  const record = memory?.recall(`table pace ${key}`, create) ?? create();
  const drafting: DraftingLimits = {
    ...{ bound: bound === "auto" ? tableBound : Math.max(bound, tableBound) },
    ...{ width: tableWidth, branchCost: 0, maxDepth },
  };
  const resting: DraftingLimits = { ...drafting, bound: Math.max(drafting.bound, sureBound) };
  return {
    maxWidth: tableWidth,
    limits: () => (record.isProven && record.use.isWorthwhile ? drafting : resting),
    observeDraft() {},
    observeCommit({ numTokens, numAccepted, numForegone = 0 }) {
      if (record.isProven) record.use.observe(numTokens, numAccepted);
      record.score = record.score * proof.memory ** numTokens + numAccepted + numForegone;
      record.isProven ||= record.score >= proof.score;
    },
  };
}

/**
 * The limits of a round: one chain, as long as the stopping policy lets it become.
 * @param maxDepth the longest draft
 */
export function roundLimits(maxDepth: number): DraftingLimits {
  return { bound: 0, width: 1, branchCost: 0, maxDepth };
}

function createExperience(): Experience {
  return { costs: createDraftCosts(), use: createDraftUse(), verifyMs: undefined };
}
