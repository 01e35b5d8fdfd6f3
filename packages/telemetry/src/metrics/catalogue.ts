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
  "queue", // as many rounds or sessions as may wait are waiting
  "unavailable", // there is no worker, Redis is away, or the verifier shuts down
] as const;
export type RejectionReason = (typeof rejectionReasons)[number];

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
    help: "Sessions that wait for a place at a worker, and rounds that wait for their turn.",
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
    help: "A call's wait for the forward that it became part of.",
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
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
} as const satisfies Catalogue;

/** Why a gateway turned a request away that was not wrong in itself. */
export const gatewayRejectionReasons = [
  "quota", // the caller's own limits
  "capacity", // as many requests as may run are running, or no draft service has room
  "draining", // the gateway shuts down
] as const;
export type GatewayRejectionReason = (typeof gatewayRejectionReasons)[number];

const latencyBuckets = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120];

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
  request_success_total: {
    type: "counter",
    unit: "requests",
    help: "Choices that came to their end.",
    label: { name: "finished_reason", values: ["stop", "length"] },
  },
  request_failure_total: {
    type: "counter",
    unit: "requests",
    help: "Requests that were let in and failed, by whose doing.",
    label: { name: "reason", values: ["cancelled", "request", "service"] },
  },
  rejected_requests_total: {
    type: "counter",
    unit: "requests",
    help: "Requests that were turned away for want of room.",
    label: { name: "reason", values: gatewayRejectionReasons },
  },
  prompt_tokens_total: {
    type: "counter",
    unit: "tokens",
    help: "Prompt tokens of choices that came to their end.",
  },
  generation_tokens_total: {
    type: "counter",
    unit: "tokens",
    help: "Output tokens.",
  },
  time_to_first_token_seconds: {
    type: "histogram",
    unit: "seconds",
    help: "From the request to a choice's first token.",
    buckets: latencyBuckets,
  },
  inter_token_latency_seconds: {
    type: "histogram",
    unit: "seconds",
    help: "Between two tokens of a choice; those of an accepted draft come together.",
    buckets: [0.0001, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
  },
  e2e_request_latency_seconds: {
    type: "histogram",
    unit: "seconds",
    help: "From the request to a choice's end.",
    buckets: latencyBuckets,
  },
} as const satisfies Catalogue;
