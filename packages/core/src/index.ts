export { FairPlaces, restMs } from "./admission/fair-places.ts";
export { decode } from "./decoding/decode.ts";
export type {
  AcceptedBy,
  CommitReport,
  CommittedToken,
  DecodeEvent,
  DecodeFinished,
  DecodeStatistics,
  FallbackTokens,
  TextObserver,
  TokenOrigin,
  Verifier,
} from "./decoding/output-events.ts";
export type { FinishReason } from "./decoding/output-filter.ts";
export {
  type DraftEndReason,
  type FallbackReason,
  fallbackReasons,
  maxTopLogprobs,
  type TextStream,
  type TokenLogprob,
} from "./decoding/ports.ts";
export { strategyOf } from "./decoding/strategy-of.ts";
export { type AdedOptions, createAdedSource } from "./drafting/aded/aded-source.ts";
export { TrigramTable } from "./drafting/aded/trigram-table.ts";
export { DraftTree } from "./drafting/draft-tree.ts";
export {
  type DraftingPolicy,
  parsePolicy,
  policyDefinitions,
  policyForms,
} from "./drafting/drafting-policy.ts";
export type { Frontier, FrontierToken } from "./drafting/frontier.ts";
export { createRecycleSource, type RecycleOptions } from "./drafting/recycle/recycle-source.ts";
export { RankRates, SuccessorTable } from "./drafting/recycle/successor-table.ts";
export {
  maxDraftWidth,
  type SourceDrafting,
  type StreamDrafting,
} from "./drafting/stream-policy.ts";
export { createSuffixChances, type SuffixChances } from "./drafting/suffix/suffix-chances.ts";
export {
  SuffixDrafter,
  type SuffixDrafterOptions,
  type SuffixToken,
} from "./drafting/suffix/suffix-drafter.ts";
export { defaultSuffixTokens, SuffixMemory } from "./drafting/suffix/suffix-memory.ts";
export { createSuffixSource } from "./drafting/suffix/suffix-source.ts";
export {
  AdaedlError,
  displayValue,
  type ErrorCode,
  errorCodes,
  invalidField,
  throwIfAborted,
} from "./errors.ts";
export {
  type ForwardTime,
  forwardMsOf,
  forwardTimeRule,
  parseForwardTime,
} from "./forward-time.ts";
export { Outbox } from "./outbox.ts";
export { adjust, adjustForRanking, needsAllLogits } from "./sampling/adjust.ts";
export {
  candidateProbs,
  entropyOf,
  logprobsUnder,
  type TokenDistribution,
  tokenIdAt,
} from "./sampling/distribution.ts";
export { guessEvidence, placeEvidence } from "./sampling/evidence.ts";
export { type LogitsRow, rowFromLogits } from "./sampling/logits-row.ts";
export { checkSeed, maxSeed, type Noise, type NoiseKey } from "./sampling/noise.ts";
export { createRandomness, type Randomness } from "./sampling/randomness.ts";
export {
  defaultSamplingParams,
  parseSamplingParams,
  type SamplingParams,
} from "./sampling/sampling-params.ts";
export { inTargetIds, type SharedTokens, withoutToken } from "./sampling/shared-tokens.ts";
export { topTokenIds } from "./sampling/top-tokens.ts";
export { acceptanceBound } from "./stopping/adaedl.ts";
export {
  type GuessEvidence,
  longestDraftLength,
  type RoundOutcome,
  type StoppingPolicy,
} from "./stopping/policy.ts";
export {
  createPolicyMemory,
  type PolicyContext,
  type PolicyMemory,
} from "./stopping/policy-context.ts";
export { checkOffer, maxOfferedNodes } from "./stream/check-offer.ts";
export type {
  Candidate,
  Delivered,
  DraftingLimits,
  DraftSource,
  EdgeEffect,
  EdgeEvent,
  FurtherPlace,
} from "./stream/edge-events.ts";
export { EdgeStream } from "./stream/edge-stream.ts";
export type { Commit, Offer, OfferedNode, StepFacts, SupervisedCommit } from "./stream/messages.ts";
export {
  type Drafter,
  type DrafterKind,
  drafterKinds,
  type ModelPlace,
  maxSuccessors,
  type PlaceEvidence,
  type Proposal,
  type TableCandidate,
  type TablePlace,
  type TargetMessage,
  type VerifierSession,
} from "./stream/ports.ts";
export { newTargetCounts, type TargetCounts } from "./stream/target-counts.ts";
export type {
  ChainLimits,
  PlannedToken,
  TargetEvent,
  TargetFinish,
  TargetTerms,
} from "./stream/target-events.ts";
export { TargetStream } from "./stream/target-stream.ts";
export { type Fence, Text } from "./text/text.ts";
export {
  matchProbabilities,
  matchProbability,
  matchProbabilityGradient,
} from "./verification/match-probability.ts";
export { rejection } from "./verification/rejection.ts";
export type {
  Guess,
  GuessDistribution,
  Judgement,
  VerificationRule,
  VerificationRuleName,
} from "./verification/rule.ts";
export { sharedNoise } from "./verification/shared-noise.ts";
export {
  type Verdict,
  verdictOf,
  verificationRule,
  verificationRuleNames,
} from "./verification/verdict.ts";
export { defaultDraftWeights, type WeightPrecision, weightPrecisions } from "./weight-precision.ts";
