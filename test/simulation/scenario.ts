import { type DraftSource, parsePolicy, type SourceDrafting } from "@adaedl/core";
import type { TestRandom } from "@adaedl/testing";

/** Draft tokens in a forward, whatever the verifier. */
export const longestDraft = 8;

/** A draft model, or a table that answers at once. */
export interface SourceSetup extends DraftSource {
  /** Learns chances and limits; absent: the chances are known, and the limits stay. */
  readonly policy?: SourceDrafting | undefined;
  readonly numCandidates: number;
  /** Chance that its first candidate is the target's token. */
  readonly acceptance: number;
  /** Of a draft forward for one place; a further one costs the branch cost of the limits. */
  readonly draftMs: number;
  /** Places that it says something about in a forward, for each that it is asked about. */
  readonly depth: number;
}

/** One text that an edge asks for. */
export interface TextRequest {
  /** Of the text's noise. */
  readonly seed: number;
  readonly promptTokenIds: readonly number[];
  readonly maxLength: number;
  readonly ahead: number;
  readonly isInRounds: boolean;
  /** What drafts for it. */
  readonly sources: readonly SourceSetup[];
  /** Of the reader, for a token; and when it hangs for a while. */
  readonly readMs: number;
  readonly hangsAt: number | undefined;
  /** A stop string ends the text at this length. */
  readonly stopsAt: number | undefined;
  /** The edge's process dies at this time. */
  readonly diesAtMs: number | undefined;
  readonly startsAtMs: number;
}

export interface VerifierSetup {
  /** Whether it drafts itself, too. */
  readonly hasSuffix: boolean;
  readonly maxSessions: number;
  readonly forwardMs: number;
  readonly rowMs: number;
  /** Row limits of a step, see `ChainLimits`. */
  readonly leastChance: number;
  readonly maxDraftLength: number;
  /** Chance that it sends a commit that contradicts the text or itself. */
  readonly lies: number;
  readonly crashesAtMs: readonly number[];
  readonly drainsAtMs: number | undefined;
}

/** Everything that one seed stands for. */
export interface Scenario {
  readonly delayMs: number;
  readonly jitterMs: number;
  readonly faults: {
    /** After this time nothing goes wrong any more, so that every text can end. */
    readonly untilMs: number;
    /** For each message: that the connection breaks after it, and that it arrives twice. */
    readonly cut: number;
    readonly doubling: number;
    /** For each connection: that it loses everything without a word. */
    readonly blackHole: number;
  };
  readonly verifiers: readonly VerifierSetup[];
  readonly texts: readonly TextRequest[];
  /** Edges that send random messages. */
  readonly numLiars: number;
}

/** Of one text: limits that change while it is drafted for. */
function learningStream(): SourceDrafting | undefined {
  const policy = parsePolicy("stream:depth=8");
  return policy.family === "stream" ? policy.drafting?.sourceOf("model") : undefined;
}

/** Draws a scenario: half of the networks are whole, so that what must be fast is seen, too. */
export function drawScenario({ next, integer }: TestRandom): Scenario {
  const between = (low: number, high: number) => low + next() * (high - low);
  const perhaps = <T>(chance: number, value: () => T) => (next() < chance ? value() : undefined);
  const isDisturbed = next() < 0.6;
  const faultMs = 1500;

  const drawText = (): TextRequest => {
    const promptTokenIds = Array.from({ length: 1 + integer(4) }, () => integer(16));
    const maxLength = promptTokenIds.length + 1 + integer(28);
    const isInRounds = next() < 0.25;
    const isLearning = !isInRounds && next() < 0.1;
    const drawSource = (): SourceSetup => {
      const isImmediate = !isInRounds && next() < 0.3;
      return {
        isImmediate,
        limits: {
          bound: isInRounds ? 0 : between(0.02, 0.3),
          width: isInRounds ? 1 : 1 + integer(4),
          branchCost: isImmediate ? 0 : between(0.05, 0.4),
          maxDepth: 1 + integer(8),
        },
        policy: isLearning ? learningStream() : undefined,
        numCandidates: isInRounds ? 1 : 1 + integer(3),
        acceptance: between(0.2, 0.95),
        draftMs: isImmediate ? 0 : between(0.5, 12),
        depth: isImmediate || next() < 0.7 ? 1 : 2 + integer(5),
      };
    };
    // None now and then, or several; rounds have one.
    const numSources = next() < 0.1 ? 0 : isInRounds || next() < 0.6 ? 1 : 2 + integer(2);
    return {
      seed: integer(2 ** 32),
      promptTokenIds,
      maxLength,
      ahead: 17 + integer(24),
      isInRounds,
      sources: Array.from({ length: numSources }, drawSource),
      readMs: next() < 0.8 ? 0 : between(1, 30),
      hangsAt: perhaps(0.05, () => promptTokenIds.length + integer(12)),
      stopsAt: perhaps(0.2, () => promptTokenIds.length + 1 + integer(20)),
      diesAtMs: perhaps(isDisturbed ? 0.05 : 0, () => between(0, faultMs)),
      startsAtMs: between(0, 100),
    };
  };
  const drawVerifier = (index: number): VerifierSetup => ({
    maxSessions: 1 + integer(3),
    forwardMs: between(4, 30),
    rowMs: between(0, 2),
    leastChance: next() < 0.5 ? 0 : between(0, 0.3),
    maxDraftLength: 1 + integer(longestDraft),
    // The first one is honest and stays, so that every text can end.
    lies: index > 0 && isDisturbed && next() < 0.3 ? 0.3 : 0,
    crashesAtMs: isDisturbed && next() < 0.3 ? [between(0, faultMs), between(0, faultMs)] : [],
    drainsAtMs: index > 0 ? perhaps(0.3, () => between(0, faultMs)) : undefined,
    hasSuffix: next() < 0.5,
  });
  return {
    delayMs: next() < 0.2 ? 0 : between(0.1, 40),
    jitterMs: next() < 0.5 ? 0 : between(0, 15),
    faults: {
      untilMs: faultMs,
      cut: isDisturbed && next() < 0.5 ? between(0, 0.05) : 0,
      doubling: isDisturbed && next() < 0.3 ? between(0, 0.2) : 0,
      blackHole: isDisturbed && next() < 0.3 ? 0.3 : 0,
    },
    verifiers: Array.from({ length: 1 + integer(2) }, (_, index) => drawVerifier(index)),
    texts: Array.from({ length: next() < 0.7 ? 1 : 2 + integer(2) }, drawText),
    numLiars: isDisturbed && next() < 0.2 ? 1 : 0,
  };
}
