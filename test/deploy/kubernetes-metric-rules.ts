import { catalogues, metricPrefix } from "@adaedl/telemetry";
import {
  type KubeObject,
  matches,
  ofKind,
  type Selector,
  specOf,
  workloadsOf,
} from "./kubernetes-objects.ts";

const series = new Set(
  Object.values(catalogues).flatMap((catalogue) =>
    Object.entries(catalogue).flatMap(([name, { type }]) =>
      type === "histogram"
        ? ["_bucket", "_sum", "_count"].map((suffix) => metricPrefix + name + suffix)
        : [metricPrefix + name],
    ),
  ),
);

/** Metrics that a text speaks of and nobody exports. */
export function unknownMetrics(text: string): string[] {
  const names = text.match(new RegExp(`\\b${metricPrefix}\\w+`, "g")) ?? [];
  return names.filter((name) => !series.has(name)).map((name) => `there is no metric ${name}`);
}

interface ScaledSpec {
  readonly triggers: readonly { readonly metadata: { readonly query: string } }[];
}

interface HpaSpec {
  readonly metrics: readonly {
    readonly external?: {
      readonly metric: { readonly name: string; readonly selector?: Selector };
    };
  }[];
}

/** Scaling by what nobody exports, or by what is not scraped. */
export function metricProblems(objects: readonly KubeObject[]): string[] {
  const queries = [
    ...ofKind(objects, "ScaledObject").flatMap(({ metadata, spec }) =>
      (spec as unknown as ScaledSpec).triggers.map(({ metadata: { query } }) => ({
        namespace: metadata.namespace,
        query,
      })),
    ),
    ...ofKind(objects, "HorizontalPodAutoscaler").flatMap((scaler) =>
      specOf<HpaSpec>(scaler).metrics.flatMap(({ external }) => {
        if (external === undefined) return []; // processor time: metrics-server has it
        const labels = Object.entries(external.metric.selector?.matchLabels ?? {});
        const selector = labels.map(([name, value]) => `${name}="${value}"`).join();
        const { namespace } = scaler.metadata;
        // Kubernetes itself adds the namespace.
        const query = `${external.metric.name}{namespace="${namespace}",${selector}}`;
        return [{ namespace, query }];
      }),
    ),
  ];
  return queries.flatMap(({ namespace, query }) => [
    ...(query.includes(metricPrefix) ? [] : [`${query} asks for no metric of ours`]),
    ...unknownMetrics(query),
    ...[...query.matchAll(/\w+\{(.*?)\}/g)].flatMap(([, labels = ""]) =>
      labelProblems(labels, namespace, objects),
    ),
  ]);
}

function labelProblems(text: string, own: string | undefined, objects: readonly KubeObject[]) {
  const labels = Object.fromEntries(
    [...text.matchAll(/(\w+)="(.*?)"/g)].map(([, name = "", value = ""]) => [name, value]),
  );
  const { namespace, component, ...others } = labels;
  const problems = Object.keys(others).map((name) => `the label ${name} is none of ours`);
  if (namespace !== own) problems.push(`the namespace is ${own}, not ${namespace}`);
  const scraped = workloadsOf(objects).filter((workload) =>
    ofKind(objects, "PodMonitor").some((monitor) =>
      matches(specOf<{ selector: Selector }>(monitor).selector, workload.labels),
    ),
  );
  if (!scraped.some((workload) => workload.labels["app.kubernetes.io/component"] === component))
    problems.push(`nobody scrapes ${component}`);
  return problems;
}
