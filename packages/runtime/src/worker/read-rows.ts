import {
  AdaedlError,
  adjust,
  adjustForRanking,
  createRandomness,
  guessEvidence,
  inTargetIds,
  type Judgement,
  type LogitsRow,
  logprobsUnder,
  placeEvidence,
  type Randomness,
  type TokenDistribution,
  topTokenIds,
  type VerificationRule,
  verificationRule,
  withoutToken,
} from "@adaedl/core";
import type { RowRead, RowResult, SlotSettings, SlotStep } from "../messages.ts";
import type { SlotCache } from "./slot-cache.ts";

/** An open slot: a session's cache and how its tokens are chosen. */
export interface Slot {
  readonly cache: SlotCache;
  readonly settings: SlotSettings;
  readonly rule: VerificationRule;
  readonly randomness: Randomness;
  readonly maskTokenId: number | undefined;
}

/** @param maskTokenId a token of the model that is never drafted */
export function createSlot(
  cache: SlotCache,
  settings: SlotSettings,
  maskTokenId: number | undefined,
): Slot {
  return {
    cache,
    settings,
    maskTokenId,
    rule: verificationRule(settings.verification),
    randomness: createRandomness(settings.seed),
  };
}

/** Proposes, chooses or judges a token from what the model says after `step.tokenIds[read.index]`. */
export function readRow(slot: Slot, step: SlotStep, read: RowRead, row: LogitsRow): RowResult {
  if (read.kind === "logits") {
    if (row.logits === undefined) throw new AdaedlError("internal", "the row came without logits");
    return { kind: "logits", logits: row.logits.slice() };
  }
  const { settings, rule, randomness } = slot;
  const position = step.keep.length + read.index + 1;
  const place = { position, roundStart: step.roundStart };
  const history = {
    tokenIds: slot.cache.text.tokenIds,
    length: position,
    numPromptTokens: settings.numPromptTokens,
  };
  const { sharedTokens } = settings;
  const { maskTokenId } = slot;
  const inShared = (all: TokenDistribution) => {
    const draft = maskTokenId === undefined ? all : withoutToken(all, maskTokenId);
    return sharedTokens === undefined ? draft : draft && inTargetIds(draft, sharedTokens);
  };
  if (read.kind === "propose") {
    const draft = adjustForRanking(row, settings.sampling, history);
    const shared = inShared(draft);
    if (shared === undefined) return { kind: "propose", place: placeEvidence(draft, []) };
    const placeInText = { ...place, position: read.position ?? position };
    const candidates = rule.propose(shared, placeInText, randomness, read.count);
    return { kind: "propose", place: placeEvidence(shared, candidates) };
  }
  const distribution = adjust(row, settings.sampling, history);
  if (read.kind === "guess") {
    const shared = inShared(distribution);
    if (shared === undefined) return { kind: "no-guess" };
    const { margin, ...guess } = rule.guess(shared, place, randomness);
    return { kind: "guess", guess, evidence: guessEvidence(shared, guess.tokenId, margin) };
  }
  const judgement = rule.judge(distribution, read.guess, place, randomness);
  return {
    kind: "judge",
    judgement,
    ...logprobsOf(row, judgement, settings),
    ...successorsOf(row, settings),
  };
}

/** What is asked for besides the judgement. */
type JudgeExtras = Pick<RowResult & { kind: "judge" }, "logprob" | "topLogprobs" | "successors">;

function logprobsOf(
  row: LogitsRow,
  { tokenId: chosen }: Judgement,
  settings: SlotSettings,
): JudgeExtras {
  if (!settings.wantsLogprobs) return {};
  if (row.logits === undefined) throw new AdaedlError("internal", "the row came without logits");
  const logprobOf = logprobsUnder(row.logits);
  const logprob = logprobOf(chosen);
  const { numTopLogprobs = 0 } = settings;
  if (numTopLogprobs === 0) return { logprob };
  const topIds = topTokenIds(row.logits, numTopLogprobs);
  return {
    logprob,
    topLogprobs: topIds.map((tokenId) => ({ tokenId, logprob: logprobOf(tokenId) })),
  };
}

/** From the head of the row, where it has one: that costs nothing. */
function successorsOf(
  { topIds, logits }: LogitsRow,
  { numSuccessors = 0 }: SlotSettings,
): JudgeExtras {
  if (numSuccessors === 0) return {};
  const isHead = topIds.length >= numSuccessors || logits === undefined;
  return {
    successors: isHead
      ? [...topIds.subarray(0, numSuccessors)]
      : topTokenIds(logits, numSuccessors),
  };
}
