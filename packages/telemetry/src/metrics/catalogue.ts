/** What is counted or measured; a name that says a unit says the same. */
type Unit =
  | ("sessions" | "requests" | "slots" | "workers" | "draft services" | "jobs" | "messages")
  | ("steps" | "versions" | "positions")
  | ("tokens" | "drafts" | "commits" | "forwards" | "seconds" | "bytes" | "ratio");

/** What a metric is; its name in the catalogue lacks only `metricPrefix`. */
export interface MetricDefinition {
  readonly type: "gauge" | "counter" | "histogram";
  readonly unit: Unit;
  readonly help: string;
  /** A counter's label, with every value it can have: all of them are shown from zero on. */
  readonly label?: { readonly name: string; readonly values: readonly string[] };
  /** A histogram's upper bounds. */
  readonly buckets?: readonly number[];
}

export type Catalogue = Readonly<Record<string, MetricDefinition>>;

export const metricPrefix = "adaedl_";

export const gauge = (unit: Unit, help: string) => ({ type: "gauge", unit, help }) as const;

export const counter = (unit: Unit, help: string) => ({ type: "counter", unit, help }) as const;

/** A counter with a label of its own. */
export const counterBy = <Value extends string>(
  unit: Unit,
  help: string,
  name: string,
  values: readonly Value[],
) => ({ type: "counter", unit, help, label: { name, values } }) as const;

export const histogram = (unit: Unit, help: string, buckets: readonly number[]) =>
  ({ type: "histogram", unit, help, buckets }) as const;

/** Of forwards and waits, in seconds. */
export const shortBuckets = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
const latencyBuckets = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120];

/** Draft tokens at both ends of a stream. vLLM's names for those that are verified. */
export const speculation = {
  draft_nodes_offered_total: counter(
    "tokens",
    "Draft tokens that went from edge to target, of all branches.",
  ),
  spec_decode_num_drafts_total: counter("drafts", "Commits for which draft tokens were verified."),
  spec_decode_num_draft_tokens_total: counter("tokens", "Draft tokens that were verified."),
  spec_decode_num_accepted_tokens_total: counter("tokens", "Draft tokens that were accepted."),
} as const satisfies Catalogue;

/** What a request's life is measured by, wherever it is served. */
export const requestLife = {
  request_success_total: counterBy(
    "requests",
    "Generations that came to their end.",
    "finished_reason",
    ["stop", "length"],
  ),
  request_failure_total: counterBy(
    "requests",
    "Generations that were let in and failed, by whose doing.",
    "reason",
    ["cancelled", "request", "service"],
  ),
  prompt_tokens_total: counter("tokens", "Prompt tokens of generations that came to their end."),
  generation_tokens_total: counter("tokens", "Output tokens."),
  time_to_first_token_seconds: histogram(
    "seconds",
    "From the request to a generation's first token.",
    latencyBuckets,
  ),
  inter_token_latency_seconds: histogram(
    "seconds",
    "Between two tokens of a generation; those of an accepted draft come together.",
    [0.0001, ...shortBuckets.slice(0, -1)],
  ),
  e2e_request_latency_seconds: histogram(
    "seconds",
    "From the request to a generation's end.",
    latencyBuckets,
  ),
} as const satisfies Catalogue;
