import {
  type Catalogue,
  counter,
  counterBy,
  gauge,
  histogram,
  requestLife,
  shortBuckets,
  speculation,
} from "./catalogue.ts";
import { memoryCatalogue } from "./process-memory.ts";

/** Why a draft service turned a request away that was not wrong in itself. */
export const draftRejectionReasons = [
  "requests", // as many as may run are running
  "draining", // it shuts down
] as const;
export type DraftRejectionReason = (typeof draftRejectionReasons)[number];

/** Why a session went on with its whole prefix sent again: what its verifier's stream ended with. */
export const reprefillReasons = [
  "not_found", // its place there was given to another, or the worker is lost
  "aborted", // what the two ends knew of the text did not fit
  "unavailable", // the verifier drains or is gone
  "deadline_exceeded", // it did not answer in time
  "resource_exhausted", // it is over a limit
  "other",
] as const;
export type ReprefillReason = (typeof reprefillReasons)[number];

/** Everything a draft service tells. Every series has the label `model_name`, the target's, besides. */
export const draftCatalogue = {
  num_requests_running: gauge("requests", "Generations that run."),
  ...memoryCatalogue,
  ...requestLife,
  rejected_requests_total: counterBy(
    "requests",
    "Requests that were turned away for want of room.",
    "reason",
    draftRejectionReasons,
  ),
  ...speculation,
  draft_forward_seconds: histogram(
    "seconds",
    "A draft forward, the wait for the draft model included.",
    shortBuckets,
  ),
  draft_frontier_tokens: histogram(
    "tokens",
    "How far the longest branch of the edge is ahead of the text after a commit.",
    [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48],
  ),
  autoregressive_tokens_total: counter(
    "tokens",
    "Output tokens that the target decoded in a forward without draft tokens.",
  ),
  round_trip_seconds: gauge(
    "seconds",
    "Network time to the verifier that answered last and back: the shortest of the last few measurements.",
  ),
  shared_vocabulary_ratio: gauge(
    "ratio",
    "Share of the target's tokens that the draft model has, too.",
  ),
  target_forwards_total: counter(
    "forwards",
    "Target forwards that a text took part in, prompts included.",
  ),
  fallback_tokens_total: counterBy(
    "tokens",
    "Output tokens that came without drafts although the policy wanted some.",
    "reason",
    ["draft_context", "draft_failed"],
  ),
  reprefill_total: counterBy(
    "requests",
    "Times a session went on with its whole prefix sent again, by what its verifier had said.",
    "reason",
    reprefillReasons,
  ),
  stray_messages_total: counter(
    "messages",
    "Messages of verifiers that said nothing new; 65 in a row end a session.",
  ),
  learning_positions_total: counter(
    "positions",
    "Positions for which verifiers named the target's 16 most probable tokens, so that the draft model learns.",
  ),
  learning_steps_total: counter("steps", "Training steps of a draft model that learns."),
  learning_rollbacks_total: counter(
    "versions",
    "Versions of the draft model that were taken back, since the one it began with matched more often.",
  ),
  learning_version: gauge("versions", "Version of the weights that draft; 0: those it began with."),
  learning_live_match_ratio: gauge(
    "ratio",
    "Match probability of the draft model that learns, over the last 64 texts, before it learnt from them.",
  ),
  learning_frozen_match_ratio: gauge("ratio", "The same of the draft model that it began with."),
} as const satisfies Catalogue;
