export { decode } from "./decoding/decode.ts";
export type { DraftingStrategy } from "./decoding/drafting-strategy.ts";
export type {
  CommitReport,
  CommittedToken,
  DecodeEvent,
  DecodeFinished,
  DecodeParts,
  DecodeRequest,
  DecodeStatistics,
  Details,
  FallbackTokens,
  TokenOrigin,
  Verifier,
} from "./decoding/output-events.ts";
export type { FinishReason, OutputLimits } from "./decoding/output-filter.ts";
export {
  type DraftEndReason,
  type FallbackReason,
  fallbackReasons,
  maxTopLogprobs,
  type TextStream,
  type TokenLogprob,
} from "./decoding/ports.ts";
export { strategyOf } from "./decoding/strategy-of.ts";
export type { ChanceModel } from "./drafting/chances.ts";
export { type BatchLimits, chooseBatch } from "./drafting/choose-batch.ts";
export { type DraftNode, DraftTree } from "./drafting/draft-tree.ts";
export { type DraftingPace, roundLimits } from "./drafting/drafting-pace.ts";
export {
  type DraftingPolicy,
  parsePolicy,
  policyDefinitions,
  policyForms,
  type RoundPolicy,
} from "./drafting/drafting-policy.ts";
export type { Frontier, FrontierToken } from "./drafting/frontier.ts";
export { maxDraftWidth, type StreamDrafting, type StreamPolicy } from "./drafting/stream-policy.ts";
export {
  AdaedlError,
  displayValue,
  type ErrorCode,
  type ErrorDetails,
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
  maxOf,
  type TokenDistribution,
  tokenIdAt,
} from "./sampling/distribution.ts";
export { guessEvidence, placeEvidence } from "./sampling/evidence.ts";
export { type LogitsRow, type RowSummary, rowFromLogits } from "./sampling/logits-row.ts";
export {
  checkSeed,
  createNoise,
  maxSeed,
  type Noise,
  type NoiseKey,
  type NoisePurpose,
} from "./sampling/noise.ts";
export type { TokenHistory } from "./sampling/penalties.ts";
export {
  type ChosenGuess,
  createRandomness,
  type Randomness,
  type RankedCandidate,
} from "./sampling/randomness.ts";
export { restrictTokens } from "./sampling/restrict.ts";
export {
  defaultSamplingParams,
  parseSamplingParams,
  type SamplingParams,
} from "./sampling/sampling-params.ts";
export { topTokenIds } from "./sampling/top-tokens.ts";
export { acceptanceBound } from "./stopping/adaedl.ts";
export {
  type DraftedGuess,
  type GuessEvidence,
  longestDraftLength,
  type PlainOutcome,
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
  EdgeEffect,
  EdgeEvent,
  EdgeTerms,
} from "./stream/edge-events.ts";
export { EdgeStream } from "./stream/edge-stream.ts";
export {
  type Commit,
  type Offer,
  type OfferedNode,
  originAt,
  type StepFacts,
  type StreamOrigin,
} from "./stream/messages.ts";
export type {
  Drafter,
  PlaceEvidence,
  Proposal,
  ScoredCandidate,
  TargetMessage,
  VerifierSession,
} from "./stream/ports.ts";
export type {
  ChainLimits,
  PlannedToken,
  TargetEffect,
  TargetEvent,
  TargetFinish,
  TargetTerms,
} from "./stream/target-events.ts";
export { TargetStream } from "./stream/target-stream.ts";
export { type Fence, Text } from "./text/text.ts";
export { rejection } from "./verification/rejection.ts";
export type {
  DrawnGuess,
  Guess,
  GuessDistribution,
  Judgement,
  RoundPlace,
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
