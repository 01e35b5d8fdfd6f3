import { AdaedlError, throwIfAborted } from "../errors.ts";
import type { StoppingPolicy } from "../stopping/policy.ts";
import { Text } from "../text/text.ts";
import { createDraftFeed } from "./draft-feed.ts";
import { createOutputFilter, type FinishReason, type OutputLimits } from "./output-filter.ts";
import {
  type Drafter,
  type FallbackReason,
  fallbackReasons,
  type TextStream,
  type TokenLogprob,
  type Verifier,
} from "./ports.ts";
import { createRoundPlanner } from "./round-plan.ts";
import { type RoundReport, reportRound } from "./round-report.ts";

export type TokenOrigin = "accepted" | "recovered" | "bonus";

/** A token that became part of the output. */
export interface CommittedToken {
  readonly type: "token";
  readonly tokenId: number;
  readonly origin: TokenOrigin;
  /** Text that became certain with it; may be empty, or hold characters of earlier tokens. */
  readonly text: string;
  /** Entropy in nats of the draft's distribution, where the draft guessed this position. */
  readonly entropy?: number;
  /** The target's natural log-probability (at temperature 1), where the verifier was asked for it. */
  readonly logprob?: number;
  /** The target's most probable tokens here, the most probable first, where asked for. */
  readonly topLogprobs?: readonly TokenLogprob[];
}

/** Output tokens decoded plainly although the policy wanted a draft, by why. */
export type FallbackTokens = Readonly<Record<FallbackReason, number>>;

/** The last event of an output. */
export interface DecodeFinished {
  readonly type: "finished";
  readonly finishReason: FinishReason;
  readonly statistics: DecodeStatistics;
}

/** Counts over the whole output; rates are the reader's to derive. */
export interface DecodeStatistics {
  readonly numRounds: number;
  readonly numDrafted: number;
  readonly numAccepted: number;
  /** Time spent waiting for the drafter. */
  readonly draftMs: number;
  /** Time spent waiting for verdicts, drafting not counted. */
  readonly verifyMs: number;
  /** From the first round to the last token, the reader's own time between events included. */
  readonly durationMs: number;
  readonly fallbackTokens: FallbackTokens;
}

export interface DecodeRequest extends OutputLimits {
  /** At least one token, and fewer than contextLength. */
  readonly promptTokenIds: readonly number[];
  /** Longest prompt + output of the target. */
  readonly contextLength: number;
  /** Longest draft of a round, whatever the policy wants. */
  readonly maxDraftLength: number;
  /** Whether each round is reported before its tokens. */
  readonly wantsRounds?: boolean | undefined;
}

export interface DecodeParts {
  /** Without one, every round is plain. */
  readonly drafter?: Drafter | undefined;
  readonly verifier: Verifier;
  readonly policy: StoppingPolicy;
  readonly textStream?: TextStream | undefined;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}

/**
 * The round loop: draft, verify, commit, until the output ends.
 * Ends with one `finished` event, or throws what the drafter or the verifier threw.
 */
export function decode(
  request: DecodeRequest & { readonly wantsRounds?: false | undefined },
  parts: DecodeParts,
  signal?: AbortSignal,
): AsyncGenerator<CommittedToken | DecodeFinished>;
/** With a report of each round before its tokens, where it is asked for. */
export function decode(
  request: DecodeRequest,
  parts: DecodeParts,
  signal?: AbortSignal,
): AsyncGenerator<RoundReport | CommittedToken | DecodeFinished>;
export async function* decode(
  request: DecodeRequest,
  parts: DecodeParts,
  signal?: AbortSignal,
): AsyncGenerator<RoundReport | CommittedToken | DecodeFinished> {
  const { drafter, verifier, policy, now } = parts;
  const startedAt = now();
  const written = new Text(request.promptTokenIds);
  const numPromptTokens = written.length;
  const maxTokens = Math.min(request.maxTokens, request.contextLength - numPromptTokens);
  const filter = createOutputFilter({ ...request, maxTokens }, parts.textStream);
  const planner = createRoundPlanner(policy, drafter, request.maxDraftLength);
  const totals = { numRounds: 0, numDrafted: 0, numAccepted: 0, draftMs: 0, verifyMs: 0 };
  const fallbackTokens = Object.fromEntries(fallbackReasons.map((reason) => [reason, 0])) as Record<
    FallbackReason,
    number
  >;

  for (;;) {
    throwIfAborted(signal);
    // The verdict adds a token of its own, which must still fit.
    const room = maxTokens - (written.length - numPromptTokens) - 1;
    const plan = planner.next(written.tokenIds, room);
    const { maxDraftLength: limit, numPlainTokens, isAsked, fallback } = plan;
    const round = { number: totals.numRounds, text: written, numPromptTokens, numPlainTokens };

    const roundStartedAt = now();
    const draft = createDraftFeed(drafter, policy, round, limit, now, signal);
    const verdict = await verifier.verify(round, draft, signal).finally(() => draft.close());
    const { numAccepted, nextTokenId } = verdict;
    const numDrafted = draft.tokens.length;
    if (numAccepted > numDrafted)
      throw new AdaedlError(
        "internal",
        `the verifier accepted ${numAccepted} of ${numDrafted} guesses in round ${round.number}`,
      );

    totals.numRounds += 1;
    totals.numDrafted += numDrafted;
    totals.draftMs += draft.draftMs;
    const waitMs = now() - roundStartedAt - draft.draftMs;
    totals.verifyMs += waitMs;
    const { entropyThreshold } = policy; // before the outcome moves it
    if (verdict.maxDraftLength !== undefined) planner.allow(verdict.maxDraftLength);
    if (fallback !== undefined) fallbackTokens[fallback] += 1;
    if (numDrafted > 0)
      policy.observe({
        numDrafted,
        numAccepted,
        maxDraftLength: limit,
        draftMs: draft.draftMs,
        roundMs: now() - roundStartedAt,
      });
    else
      policy.observePlain?.({
        isAsked,
        isWithheld: draft.isWithheld,
        roundMs: now() - roundStartedAt,
      });
    if (request.wantsRounds)
      yield reportRound(round.number, draft, verdict, entropyThreshold, waitMs);

    for (let index = 0; index <= numAccepted; index++) {
      const guess = draft.tokens[index];
      const isNext = index === numAccepted;
      const tokenId = isNext ? nextTokenId : (guess?.tokenId as number);
      const origin = !isNext ? "accepted" : numAccepted < numDrafted ? "recovered" : "bonus";
      written.append(tokenId);
      if (!isNext) totals.numAccepted += 1; // what a stop cuts off did not become part of the text
      const { text, finishReason } = filter(tokenId);
      const entropy = guess === undefined ? {} : { entropy: guess.entropy };
      const logprob = verdict.logprobs?.[index];
      const topLogprobs = verdict.topLogprobs?.[index];
      yield {
        type: "token",
        tokenId,
        origin,
        text,
        ...entropy,
        ...(logprob === undefined ? {} : { logprob }),
        ...(topLogprobs === undefined ? {} : { topLogprobs }),
      };
      if (finishReason !== undefined) {
        const statistics = { ...totals, durationMs: now() - startedAt, fallbackTokens };
        yield { type: "finished", finishReason, statistics };
        return;
      }
    }
  }
}
