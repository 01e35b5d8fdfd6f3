import { type Catalogue, type MetricDefinition, metricPrefix } from "./catalogue.ts";

/** Metrics as they are scraped. */
export interface MetricsSource {
  readonly contentType: string;
  /** All metrics in Prometheus' text format. */
  render(): Promise<string>;
}

type MetricType = MetricDefinition["type"];

type NamesOf<C extends Catalogue, Type extends MetricType> = {
  [Name in keyof C & string]: C[Name]["type"] extends Type ? Name : never;
}[keyof C & string];

/** The value of a counter's label, when it has one. */
type LabelOf<Metric extends MetricDefinition | undefined> = Metric extends {
  label: { values: readonly (infer Value extends string)[] };
}
  ? [value: Value]
  : [];

/** A gauge that is undefined, or not named, is not shown. */
export type GaugeValues<C extends Catalogue> = {
  readonly [Name in NamesOf<C, "gauge">]?: number | undefined;
};

/** The counters and histograms of a catalogue, and the text of all its metrics. */
export interface Instruments<C extends Catalogue> {
  count<Name extends NamesOf<C, "counter">>(name: Name, ...labelValue: LabelOf<C[Name]>): void;
  observe(name: NamesOf<C, "histogram">, value: number): void;
  /** Counters, histograms, and gauges with these values. */
  render(gauges: GaugeValues<C>): Promise<string>;
  readonly contentType: string;
}

/** @param labels of every series */
export async function createInstruments<C extends Catalogue>(
  catalogue: C,
  labels: Readonly<Record<string, string>>,
): Promise<Instruments<C>> {
  // Loaded here: it takes tens of milliseconds, and most commands have nothing to measure.
  const { Counter, Gauge, Histogram, Registry } = await import("prom-client");
  const definitions = Object.entries<MetricDefinition>(catalogue);
  const ofType = (type: MetricType) => definitions.filter(([, metric]) => metric.type === type);
  // In no registry to stay: each rendering has its own, of what there is to show.
  const base = (name: string, { help }: MetricDefinition) => ({
    name: metricPrefix + name,
    help,
    registers: [],
  });

  const counters = new Map(
    ofType("counter").map(([name, metric]) => {
      const { label } = metric;
      const labelNames = label === undefined ? [] : [label.name];
      const counter = new Counter({ ...base(name, metric), labelNames });
      for (const value of label?.values ?? []) counter.labels(value).inc(0);
      return [name, counter] as const;
    }),
  );
  const histograms = new Map(
    ofType("histogram").map(([name, metric]) => {
      const buckets = [...(metric.buckets ?? [])];
      return [name, new Histogram({ ...base(name, metric), buckets })] as const;
    }),
  );

  return {
    contentType: Registry.PROMETHEUS_CONTENT_TYPE,
    count(name, ...labelValue) {
      counters
        .get(name)
        ?.labels(...labelValue)
        .inc();
    },
    observe(name, value) {
      // No number to be had is no reason to fail what was measured.
      if (Number.isFinite(value)) histograms.get(name)?.observe(value);
    },
    async render(gauges) {
      const registry = new Registry();
      registry.setDefaultLabels(labels);
      const values: Readonly<Record<string, number | undefined>> = gauges;
      for (const [name, metric] of ofType("gauge")) {
        const value = values[name];
        if (value === undefined) continue;
        new Gauge({ ...base(name, metric), registers: [registry] }).set(value);
      }
      for (const metric of [...histograms.values(), ...counters.values()])
        registry.registerMetric(metric);
      return registry.metrics();
    },
  };
}
