import type { DraftFeed } from "./draft-feed.ts";
import type { DraftEndReason, RoundVerdict } from "./ports.ts";

/** One round, before its tokens: for who watches. Times in milliseconds. */
export interface RoundReport {
  readonly type: "round";
  readonly number: number;
  /** The draft; empty where the round was plain. */
  readonly guesses: readonly { readonly tokenId: number; readonly entropy: number }[];
  /** How many of them the target accepted; a stop may cut the text before. */
  readonly numAccepted: number;
  readonly endReason?: DraftEndReason;
  /** The policy's `entropyThreshold` as it stood when the draft ended. */
  readonly entropyThreshold?: number;
  readonly draftMs: number;
  /** Waiting for the verdict, drafting not counted. */
  readonly waitMs: number;
  /** Of which in the verifier's queue, and in the target's forward; 0 where it is not known. */
  readonly queueMs: number;
  readonly verifyMs: number;
}

/**
 * What happened in a round.
 * @param entropyThreshold the policy's, before it was told of the outcome
 */
export function reportRound(
  number: number,
  { tokens, endReason, draftMs }: DraftFeed,
  { numAccepted, timing }: RoundVerdict,
  entropyThreshold: number | undefined,
  waitMs: number,
): RoundReport {
  return {
    type: "round",
    number,
    guesses: tokens.map(({ tokenId, entropy }) => ({ tokenId, entropy })),
    numAccepted,
    ...(endReason === undefined ? {} : { endReason }),
    ...(entropyThreshold === undefined ? {} : { entropyThreshold }),
    draftMs,
    waitMs,
    queueMs: timing?.queueMs ?? 0,
    verifyMs: timing?.verifyMs ?? 0,
  };
}
