import { type Catalogue, catalogues, metricPrefix } from "../../packages/telemetry/src/index.ts";

const introduction = `# Metrics

What the services tell Prometheus: the gateway at \`/metrics\` of its own port, draft service and verifier where
\`--metrics-listen\` says. This page is made from \`packages/telemetry/src/metrics/catalogue.ts\`.

Suffixes are those of vLLM where it has the same, so that a dashboard for it needs another prefix and little else.
Everything is a count, a sum or a state; rates and means are the reader's to derive:

| | |
| --- | --- |
| acceptance rate | \`spec_decode_num_accepted_tokens_total\` ÷ \`spec_decode_num_draft_tokens_total\` |
| what a draft brings | 1 + \`spec_decode_num_accepted_tokens_total\` ÷ \`spec_decode_num_drafts_total\` |
| tokens per target forward | \`generation_tokens_total\` ÷ \`target_forwards_total\` |

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
