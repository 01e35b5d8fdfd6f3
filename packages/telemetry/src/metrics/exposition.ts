import type { SeriesValue } from "./series.ts";

/** Metrics as they are scraped. */
export interface MetricsSource {
  readonly contentType: string;
  /** All metrics in Prometheus' text format. */
  render(): Promise<string>;
}

/** A metric with all its series, as prom-client takes it. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator: "sum";
  readonly values: readonly SeriesValue[];
}

/** Metrics that can be shown together with those of others. */
export interface ServiceMetrics extends MetricsSource {
  /** As they are now. */
  families(): MetricFamily[];
}

/** @param read the metrics of each part of a process, asked once for each rendering, which fails when it throws */
export function expose(read: () => readonly (readonly MetricFamily[])[]): MetricsSource {
  return {
    contentType: "text/plain; version=0.0.4; charset=utf-8",
    async render() {
      // Loaded here: it takes tens of milliseconds, which a start need not wait for.
      const { AggregatorRegistry } = await import("prom-client");
      return AggregatorRegistry.aggregate([...read()] as object[]).metrics();
    },
  };
}

/**
 * Metrics of services in one process, each series with the label `service`: many have the same name.
 * @param read those that have started, by name
 */
export function joinMetrics(read: () => Readonly<Record<string, ServiceMetrics>>): MetricsSource {
  return expose(() =>
    Object.entries(read()).map(([service, metrics]) =>
      metrics.families().map((family) => ({
        ...family,
        values: family.values.map((one) => ({ ...one, labels: { ...one.labels, service } })),
      })),
    ),
  );
}
