import { readFileSync } from "node:fs";
import { parse, stringify } from "yaml";

/** The alerts of deploy/prometheus as the object that Prometheus Operator takes. */
export function prometheusRule(): string {
  const { groups } = parse(readFileSync("deploy/prometheus/alerts.yaml", "utf8"));
  const rule = {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: { name: "adaedl" },
    spec: { groups },
  };
  return `# Made from deploy/prometheus/alerts.yaml: npm run generate\n${stringify(rule, { lineWidth: 0 })}`;
}
