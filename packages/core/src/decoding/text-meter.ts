import type { Delivered } from "../stream/edge-events.ts";
import {
  type Commit,
  edgeDraftOf,
  type StepFacts,
  type StreamOrigin,
  verifierDraftOf,
} from "../stream/messages.ts";
import type { DrafterKind, TargetMessage } from "../stream/ports.ts";
import type { DraftingStrategy } from "./drafting-strategy.ts";
import type {
  CommitReport,
  DecodeStatistics,
  FallbackTokens,
  TextObserver,
} from "./output-events.ts";
import { type FallbackReason, fallbackReasons } from "./ports.ts";

const noTime = { queueMs: 0, verifyMs: 0 };

/** Counts and times one text, and tells the strategy and an observer what became of its drafts. */
export class TextMeter {
  readonly #strategy: DraftingStrategy | undefined;
  readonly #observer: TextObserver;
  readonly #now: () => number;
  readonly #startedAt: number;
  #obstacle: FallbackReason | undefined;
  #numUndrafted = 0;
  /** Of prefixes computed since the last commit: it waited for them too. */
  #openingMs = noTime;
  readonly #acceptedBy = new Map<string, number>();
  #commitAt: number;
  #draftMsAtCommit = 0;
  readonly #totals = {
    ...{ numCommits: 0, numDrafted: 0, numAccepted: 0, numTargetForwards: 0 },
    ...{ numVerifierDrafted: 0, numVerifierAccepted: 0 },
    ...{ numRoundTrips: 0, numReopened: -1, draftMs: 0, waitMs: 0, queueMs: 0, verifyMs: 0 },
  };

  /** @param now milliseconds of a monotonic clock */
  constructor(
    strategy: DraftingStrategy | undefined,
    now: () => number,
    observer: TextObserver = {},
  ) {
    this.#strategy = strategy;
    this.#observer = observer;
    this.#now = now;
    this.#startedAt = now();
    this.#commitAt = this.#startedAt;
  }

  /** A session was asked for. */
  sessionAsked(): void {
    this.#totals.numReopened++;
    if (!this.#isWaitedFor) this.#totals.numRoundTrips++;
  }

  opened({ queueMs, verifyMs, numForwards }: Extract<TargetMessage, { type: "opened" }>): void {
    this.#totals.numTargetForwards += numForwards;
    this.#observer.opened?.(numForwards);
    this.#openingMs = {
      queueMs: this.#openingMs.queueMs + queueMs,
      verifyMs: this.#openingMs.verifyMs + verifyMs,
    };
  }

  /** A draft forward is over. */
  drafted(ms: number): void {
    this.#totals.draftMs += ms;
    this.#observer.drafted?.(ms);
  }

  /** Draft tokens were sent. */
  offered(numTokens: number): void {
    this.#observer.offered?.(numTokens);
  }

  /** Nothing can be drafted from here on. */
  draftingEnded(obstacle: FallbackReason): void {
    if (this.#isWaitedFor) this.#totals.numRoundTrips++;
    this.#obstacle = obstacle;
  }

  /**
   * @param delivered tokens of the commit that are new, at least one
   * @param distance how far the frontier is ahead now
   */
  committed(
    commit: Commit,
    facts: StepFacts,
    delivered: readonly Delivered[],
    distance: () => number,
  ): CommitReport {
    const at = this.#now();
    const elapsedMs = at - this.#commitAt;
    const draftMs = this.#totals.draftMs - this.#draftMsAtCommit;
    const waitMs = Math.max(0, elapsedMs - draftMs);
    const queueMs = facts.queueMs + this.#openingMs.queueMs;
    const verifyMs = facts.verifyMs + this.#openingMs.verifyMs;
    this.#commitAt = at;
    this.#draftMsAtCommit = this.#totals.draftMs;
    this.#openingMs = noTime;
    this.#totals.queueMs += queueMs;
    this.#totals.verifyMs += verifyMs;
    this.#totals.waitMs += waitMs;
    this.#totals.numTargetForwards++;
    const { numJudged, numAccepted } = edgeDraftOf(commit);
    this.#totals.numDrafted += numJudged;
    this.#totals.numVerifierDrafted += verifierDraftOf(commit).numJudged;
    if (this.#isWaitedFor) this.#totals.numRoundTrips++;
    const number = this.#totals.numCommits++;
    const drafted = { ...commit, numJudged, numAccepted };
    const story = this.#strategy?.observe(drafted, facts, delivered, elapsedMs);
    const { draftTokens = [], endReason } = story ?? {};
    const report: CommitReport = {
      ...{ type: "commit", number, draftTokens, numAccepted },
      ...(endReason === undefined ? {} : { endReason }),
      ...{ draftMs, waitMs, queueMs, verifyMs },
    };
    const isDrafting = this.#strategy !== undefined && this.#obstacle === undefined;
    const frontier = isDrafting && this.#observer.committed ? distance() : undefined;
    this.#observer.committed?.(report, numJudged, frontier);
    return report;
  }

  /** A token became part of the output. @param drafters of an accepted draft token, where known */
  delivered(origin: StreamOrigin, drafters: readonly DrafterKind[]): void {
    if (origin === "accepted") this.#totals.numAccepted++;
    if (drafters.length > 0) {
      const names = drafters.join();
      this.#acceptedBy.set(names, (this.#acceptedBy.get(names) ?? 0) + 1);
    }
    if (origin === "verifier-draft") this.#totals.numVerifierAccepted++;
    if (this.#obstacle !== undefined) this.#numUndrafted++;
    this.#observer.delivered?.(origin, this.#obstacle);
  }

  statistics(): DecodeStatistics {
    const none = Object.fromEntries(fallbackReasons.map((reason) => [reason, 0]));
    const undrafted = this.#obstacle === undefined ? {} : { [this.#obstacle]: this.#numUndrafted };
    return {
      ...this.#totals,
      acceptedBy: Object.fromEntries(this.#acceptedBy),
      durationMs: this.#now() - this.#startedAt,
      fallbackTokens: { ...none, ...undrafted } as FallbackTokens,
    };
  }

  /** Whether each forward waits for a draft. */
  get #isWaitedFor(): boolean {
    return (this.#strategy?.isInRounds ?? false) && this.#obstacle === undefined;
  }
}
