/** What a metric is; its name in the catalogue lacks only `metricPrefix`. */
export interface MetricDefinition {
  readonly type: "gauge" | "counter" | "histogram";
  /** What is counted or measured; a name that says a unit says the same. */
  readonly unit:
    | "sessions"
    | "requests"
    | "slots"
    | "workers"
    | "draft services"
    | "jobs"
    | "tokens"
    | "drafts"
    | "commits"
    | "forwards"
    | "seconds"
    | "ratio";
  readonly help: string;
  /** A counter's label, with every value it can have: all of them are shown from zero on. */
  readonly label?: { readonly name: string; readonly values: readonly string[] };
  /** A histogram's upper bounds. */
  readonly buckets?: readonly number[];
}

export type Catalogue = Readonly<Record<string, MetricDefinition>>;

export const metricPrefix = "adaedl_";

/** Why a verifier turned a request away that was not wrong in itself. */
export const rejectionReasons = [
  "sessions", // as many as may run are running
  "client_tokens", // the client's sessions hold as many tokens as they may
  "queue", // as many sessions as may wait are waiting
  "unavailable", // there is no worker, Redis is away, or the verifier shuts down
] as const;
export type RejectionReason = (typeof rejectionReasons)[number];

const shortBuckets = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
const latencyBuckets = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120];

/** Draft tokens at both ends of a stream. vLLM's names for those that are verified. */
const speculation = {
  draft_nodes_offered_total: {
    type: "counter",
    unit: "tokens",
    help: "Draft tokens that went from edge to target, of all branches.",
  },
  spec_decode_num_drafts_total: {
    type: "counter",
    unit: "drafts",
    help: "Commits for which draft tokens were verified.",
  },
  spec_decode_num_draft_tokens_total: {
    type: "counter",
    unit: "tokens",
    help: "Draft tokens that were verified.",
  },
  spec_decode_num_accepted_tokens_total: {
    type: "counter",
    unit: "tokens",
    help: "Draft tokens that were accepted.",
  },
} as const satisfies Catalogue;

/** What a request's life is measured by, wherever it is served. */
export const requestLife = {
  request_success_total: {
    type: "counter",
    unit: "requests",
    help: "Generations that came to their end.",
    label: { name: "finished_reason", values: ["stop", "length"] },
  },
  request_failure_total: {
    type: "counter",
    unit: "requests",
    help: "Generations that were let in and failed, by whose doing.",
    label: { name: "reason", values: ["cancelled", "request", "service"] },
  },
  prompt_tokens_total: {
    type: "counter",
    unit: "tokens",
    help: "Prompt tokens of generations that came to their end.",
  },
  generation_tokens_total: {
    type: "counter",
    unit: "tokens",
    help: "Output tokens.",
  },
  time_to_first_token_seconds: {
    type: "histogram",
    unit: "seconds",
    help: "From the request to a generation's first token.",
    buckets: latencyBuckets,
  },
  inter_token_latency_seconds: {
    type: "histogram",
    unit: "seconds",
    help: "Between two tokens of a generation; those of an accepted draft come together.",
    buckets: [0.0001, ...shortBuckets.slice(0, -1)],
  },
  e2e_request_latency_seconds: {
    type: "histogram",
    unit: "seconds",
    help: "From the request to a generation's end.",
    buckets: latencyBuckets,
  },
} as const satisfies Catalogue;

/**
 * Everything a verifier tells. Suffixes are those of vLLM where it has the same. Counts and sums
 * only: rates and means are the reader's to derive. Every series has the label `model_name` besides.
 */
export const verifierCatalogue = {
  num_requests_running: {
    type: "gauge",
    unit: "sessions",
    help: "Sessions that run.",
  },
  num_requests_waiting: {
    type: "gauge",
    unit: "requests",
    help: "Sessions that wait for a place at a worker, or for their prefix to be computed.",
  },
  num_free_slots: {
    type: "gauge",
    unit: "slots",
    help: "Sessions more that could have their rows in memory.",
  },
  kv_cache_usage_perc: {
    type: "gauge",
    unit: "ratio",
    help: "Share of the memory for key-value rows that is in use, 0 to 1.",
  },
  num_workers: {
    type: "gauge",
    unit: "workers",
    help: "Live workers that the ingress can place sessions at.",
  },
  verify_batch_size: {
    type: "histogram",
    unit: "slots",
    help: "Sessions in one forward of the target.",
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
  },
  verify_batch_wait_seconds: {
    type: "histogram",
    unit: "seconds",
    help: "A text's wait for the forward that it became part of.",
    buckets: shortBuckets,
  },
  verify_forward_seconds: {
    type: "histogram",
    unit: "seconds",
    help: "A forward of the target.",
    buckets: shortBuckets,
  },
  held_back_seconds_total: {
    type: "counter",
    unit: "seconds",
    help: "Time that forwards waited for draft tokens that were expected, where a forward has a price.",
  },
  placement_wait_seconds: {
    type: "histogram",
    unit: "seconds",
    help: "A session's wait for a worker with a place for it.",
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 20, 30, 60],
  },
  rejected_requests_total: {
    type: "counter",
    unit: "requests",
    help: "Requests that were turned away for want of room.",
    label: { name: "reason", values: rejectionReasons },
  },
  stalled_jobs_total: {
    type: "counter",
    unit: "jobs",
    help: "Sessions that a worker took from the queue and did not claim before it ended.",
  },
  worker_lost_total: {
    type: "counter",
    unit: "workers",
    help: "Workers that fell silent.",
  },
  prompt_tokens_total: {
    type: "counter",
    unit: "tokens",
    help: "Prompt tokens of sessions that were opened; not those of one that goes on here.",
  },
  reprefill_tokens_total: {
    type: "counter",
    unit: "tokens",
    help: "Tokens computed again, of sessions that had begun elsewhere or lost their place.",
  },
  generation_tokens_total: {
    type: "counter",
    unit: "tokens",
    help: "Tokens of commits: accepted draft tokens, and one of the target's own each.",
  },
  commits_total: {
    type: "counter",
    unit: "commits",
    help: "Forwards of a text by its draft tokens: some were verified; there were some, and none was worth a row; there was none for its place.",
    label: { name: "draft", values: ["verified", "left_out", "none"] },
  },
  ...speculation,
  draft_nodes_dropped_total: {
    type: "counter",
    unit: "tokens",
    help: "Draft tokens that came in vain: after their place was decided, or after their branch was dropped.",
    label: { name: "reason", values: ["late", "dead"] },
  },
} as const satisfies Catalogue;

/** Why a gateway turned a request away that was not wrong in itself. */
export const gatewayRejectionReasons = [
  "quota", // the caller's own limits
  "capacity", // as many requests as may run are running, or no draft service has room
  "draining", // the gateway shuts down
] as const;
export type GatewayRejectionReason = (typeof gatewayRejectionReasons)[number];

/** Everything a gateway tells. Counters and histograms have the label `model_name` besides. */
export const gatewayCatalogue = {
  num_requests_running: {
    type: "gauge",
    unit: "requests",
    help: "Choices that are being generated.",
  },
  num_draft_services: {
    type: "gauge",
    unit: "draft services",
    help: "Draft services that serve.",
  },
  rejected_requests_total: {
    type: "counter",
    unit: "requests",
    help: "Requests that were turned away for want of room.",
    label: { name: "reason", values: gatewayRejectionReasons },
  },
  ...requestLife,
} as const satisfies Catalogue;

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
  num_requests_running: {
    type: "gauge",
    unit: "requests",
    help: "Generations that run.",
  },
  ...requestLife,
  rejected_requests_total: {
    type: "counter",
    unit: "requests",
    help: "Requests that were turned away for want of room.",
    label: { name: "reason", values: draftRejectionReasons },
  },
  ...speculation,
  draft_forward_seconds: {
    type: "histogram",
    unit: "seconds",
    help: "A draft forward, the wait for the draft model included.",
    buckets: shortBuckets,
  },
  draft_frontier_tokens: {
    type: "histogram",
    unit: "tokens",
    help: "How far the longest branch of the edge is ahead of the text after a commit.",
    buckets: [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48],
  },
  autoregressive_tokens_total: {
    type: "counter",
    unit: "tokens",
    help: "Output tokens that the target decoded in a forward without draft tokens.",
  },
  round_trip_seconds: {
    type: "gauge",
    unit: "seconds",
    help: "Network time to the verifier that answered last and back: the shortest of the last few measurements.",
  },
  target_forwards_total: {
    type: "counter",
    unit: "forwards",
    help: "Forwards of the target that a text was in, those of prompts among them.",
  },
  fallback_tokens_total: {
    type: "counter",
    unit: "tokens",
    help: "Output tokens that came without drafts although the policy wanted some.",
    label: { name: "reason", values: ["draft_context", "draft_failed"] },
  },
  reprefill_total: {
    type: "counter",
    unit: "requests",
    help: "Times a session went on with its whole prefix sent again, by what its verifier had said.",
    label: { name: "reason", values: reprefillReasons },
  },
} as const satisfies Catalogue;

/** All of them, by who tells. */
export const catalogues = {
  gateway: gatewayCatalogue,
  "draft service": draftCatalogue,
  verifier: verifierCatalogue,
} as const;
