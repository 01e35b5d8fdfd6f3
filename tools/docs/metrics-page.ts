import { type Catalogue, catalogues, metricPrefix } from "../../packages/telemetry/src/index.ts";

const introduction = `# Metrics

What the services tell Prometheus: the gateway at \`/metrics\` of its own port, draft service and verifier where
\`--metrics-listen\` says; \`adaedl serve all\` serves the metrics of all three at its port, each series with the label \`service\`. This page is made from the catalogues in \`packages/telemetry/src/metrics\`.

Suffixes are those of vLLM where it has the same, so that a dashboard for it needs another prefix and little else.
Everything is a count, a sum or a state; rates and means are the reader's to derive. Is drafting paying, and if not, why?

| | | what it means, and what to do |
| --- | --- | --- |
| tokens per target forward | \`generation_tokens_total\` ÷ \`target_forwards_total\` | Plain decoding has 1. |
| fresh share | 1 − \`commits_total{draft="none"}\` ÷ \`generation_tokens_total\` (verifier), 1 − \`autoregressive_tokens_total\` ÷ \`generation_tokens_total\` (draft service) | Tokens for which the target had draft tokens in time; the draft service does not see those that were left out. Low: the next three say why. |
| late share | \`draft_nodes_dropped_total{reason="late"}\` ÷ \`draft_nodes_offered_total\` | Their place was decided before they came. High: the edge is too far away, or its draft model too slow. |
| dead share | \`draft_nodes_dropped_total{reason="dead"}\` ÷ \`draft_nodes_offered_total\` | They grew from a draft token that was rejected while they were on their way. It grows with the distance, and where the draft model is often wrong. |
| frontier | mean of \`draft_frontier_tokens\` | The edge has to be ahead by what the target writes in a round trip. Less: take a faster draft model, or a closer place for it. |
| acceptance rate | \`spec_decode_num_accepted_tokens_total\` ÷ \`spec_decode_num_draft_tokens_total\` | Near 0: target and draft do not fit each other. |
| accepted per step | \`spec_decode_num_accepted_tokens_total\` ÷ \`commits_total\` | What drafting saves: so many forwards for each one that is left. |
| left out | \`commits_total{draft="left_out"}\` ÷ \`commits_total\` | Under load rows go to other texts, not to unlikely draft tokens. Nothing to do. |
| held back | \`held_back_seconds_total\` ÷ \`verify_forward_seconds_count\` | What \`--forward-price-ms\` makes a forward wait for draft tokens in the mean; 0 without it. |
| used share | \`spec_decode_num_accepted_tokens_total\` ÷ \`draft_nodes_offered_total\` | Small by design: of the candidates for a place the text takes one. An edge of which hardly anything is used stops drafting by itself. |
| price of a draft | \`draft_forward_seconds\` ÷ \`verify_forward_seconds\`, means | Above 0.5 the edge drafts one branch only; near 1 nothing is gained. |

Every series has the label \`model_name\` besides, the target's name; gauges of a gateway have not. Durations are in
seconds, between two stamps of one process's monotonic clock.
`;

/** All metrics there are, by the service that tells them. */
export function metricsPage(): string {
  const sections = Object.entries(catalogues).map(
    ([service, catalogue]) => `## ${capitalized(service)}\n${tableOf(catalogue)}\n`,
  );
  return [introduction, ...sections].join("\n");
}

function tableOf(catalogue: Catalogue): string {
  const rows = Object.entries(catalogue).map(([name, { type, unit, help, label }]) => {
    const values = (label?.values ?? []).map((value) => `\`${value}\``);
    const shown = values.length > 8 ? `${values[0]} … ${values.at(-1)}` : values.join(", ");
    const labels = label === undefined ? "" : `\`${label.name}\`: ${shown}`;
    return `| \`${metricPrefix}${name}\` | ${type} | ${unit} | ${labels} | ${help} |`;
  });
  return ["| Metric | Type | Unit | Label | |", "| --- | --- | --- | --- | --- |", ...rows].join(
    "\n",
  );
}

function capitalized(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
