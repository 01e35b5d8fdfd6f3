import {
  type Catalogue,
  counter,
  counterBy,
  gauge,
  histogram,
  shortBuckets,
  speculation,
} from "./catalogue.ts";
import { memoryCatalogue } from "./process-memory.ts";

/** Why a verifier turned a request away that was not wrong in itself. */
export const rejectionReasons = [
  "sessions", // as many as may run are running
  "client_tokens", // the client's sessions hold as many tokens as they may
  "queue", // as many sessions as may wait are waiting
  "unavailable", // there is no worker, Redis is away, or the verifier shuts down
] as const;
export type RejectionReason = (typeof rejectionReasons)[number];

/**
 * Everything a verifier tells. Suffixes are those of vLLM where it has the same. Counts and sums
 * only: rates and means are the reader's to derive. Every series has the label `model_name` besides.
 */
export const verifierCatalogue = {
  num_requests_running: gauge("sessions", "Sessions that run."),
  num_requests_waiting: gauge(
    "requests",
    "Sessions that wait for a place at a worker, or for their prefix to be computed.",
  ),
  num_free_slots: gauge("slots", "Sessions more that could have their rows in memory."),
  kv_cache_usage_perc: gauge(
    "ratio",
    "Share of the memory for key-value rows that is in use, 0 to 1.",
  ),
  kv_cache_bytes: gauge("bytes", "Memory for key-value rows that is in use."),
  ...memoryCatalogue,
  num_workers: gauge("workers", "Live workers that the ingress can place sessions at."),
  verify_batch_size: histogram(
    "slots",
    "Sessions in one forward of the target.",
    [1, 2, 4, 8, 16, 32, 64, 128, 256],
  ),
  verify_batch_wait_seconds: histogram(
    "seconds",
    "A text's wait for the forward that it became part of.",
    shortBuckets,
  ),
  verify_forward_seconds: histogram("seconds", "A forward of the target.", shortBuckets),
  held_back_seconds_total: counter(
    "seconds",
    "Time that forwards waited for draft tokens that were expected, where a forward has a price.",
  ),
  placement_wait_seconds: histogram(
    "seconds",
    "A session's wait for a worker with a place for it.",
    [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 20, 30, 60],
  ),
  rejected_requests_total: counterBy(
    "requests",
    "Requests that were turned away for want of room.",
    "reason",
    rejectionReasons,
  ),
  stalled_jobs_total: counter(
    "jobs",
    "Sessions that a worker took from the queue and did not claim before it ended.",
  ),
  worker_lost_total: counter("workers", "Workers that fell silent."),
  own_draft_tokens_total: counter(
    "tokens",
    "Draft tokens that the verifier drafted itself, from earlier text, and verified.",
  ),
  own_draft_tokens_accepted_total: counter(
    "tokens",
    "Draft tokens that the verifier drafted itself and that were accepted.",
  ),
  prompt_tokens_total: counter(
    "tokens",
    "Prompt tokens of sessions that were opened; not those of one that goes on here.",
  ),
  reprefill_tokens_total: counter(
    "tokens",
    "Tokens computed again, of sessions that had begun elsewhere or lost their place.",
  ),
  numerics_changes_total: counter(
    "sessions",
    "Texts that went on at a target with other numerics than before: their seed may have had another text there.",
  ),
  generation_tokens_total: counter(
    "tokens",
    "Tokens of commits: accepted draft tokens, and one of the target's own each.",
  ),
  commits_total: counterBy(
    "commits",
    "Forwards of a text by its draft tokens: some were verified; there were some, and none was worth a row; there was none for its place.",
    "draft",
    ["verified", "left_out", "none"],
  ),
  ...speculation,
  draft_nodes_dropped_total: counterBy(
    "tokens",
    "Draft tokens that came in vain: after their place was decided, or after their branch was dropped.",
    "reason",
    ["late", "dead"],
  ),
} as const satisfies Catalogue;
