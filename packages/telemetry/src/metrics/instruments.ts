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
  ? Value
  : undefined;

/** A gauge that is undefined, or not named, is not shown. */
export type GaugeValues<C extends Catalogue> = {
  readonly [Name in NamesOf<C, "gauge">]?: number | undefined;
};

/** What every series of a recorder, or of the gauges, has besides its own label. */
export type CommonLabels = Readonly<Record<string, string>>;

/** Counts and observes under its own common labels. */
export interface Recorder<C extends Catalogue> {
  /** @param amount default 1 */
  count<Name extends NamesOf<C, "counter">>(
    name: Name,
    labelValue: LabelOf<C[Name]>,
    amount?: number,
  ): void;
  observe(name: NamesOf<C, "histogram">, value: number): void;
}

/** The counters and histograms of a catalogue, and the text of all its metrics. */
export interface Instruments<C extends Catalogue> {
  /** Everything is shown under these labels from zero on. @param labels of the names there are */
  recorder(labels: CommonLabels): Recorder<C>;
  /** Counters, histograms, and gauges with these values. */
  render(gauges: GaugeValues<C>, gaugeLabels: CommonLabels): Promise<string>;
  readonly contentType: string;
}

/** @param commonNames labels of all counters and histograms, besides their own */
export async function createInstruments<C extends Catalogue>(
  catalogue: C,
  commonNames: readonly string[],
): Promise<Instruments<C>> {
  // Loaded here: it takes tens of milliseconds, and most commands have nothing to measure.
  const { Counter, Gauge, Histogram, Registry } = await import("prom-client");
  const definitions = Object.entries<MetricDefinition>(catalogue);
  const ofType = (type: MetricType) => definitions.filter(([, metric]) => metric.type === type);
  // In no registry to stay: each rendering has its own, of what there is to show.
  const base = (name: string, { help, label }: MetricDefinition) => ({
    name: metricPrefix + name,
    help,
    registers: [],
    labelNames: [...(label === undefined ? [] : [label.name]), ...commonNames],
  });
  const counters = new Map(
    ofType("counter").map(([name, metric]) => [name, new Counter(base(name, metric))] as const),
  );
  const histograms = new Map(
    ofType("histogram").map(([name, metric]) => {
      const buckets = [...(metric.buckets ?? [])];
      return [name, new Histogram({ ...base(name, metric), buckets })] as const;
    }),
  );

  return {
    contentType: Registry.PROMETHEUS_CONTENT_TYPE,
    recorder(labels) {
      for (const [name, { label }] of ofType("counter"))
        for (const own of label?.values.map((value) => ({ [label.name]: value })) ?? [{}])
          counters.get(name)?.inc({ ...own, ...labels }, 0);
      for (const histogram of histograms.values()) histogram.zero(labels);
      return {
        count(name, labelValue, amount = 1) {
          const label = (catalogue[name] as MetricDefinition).label?.name;
          const own =
            label === undefined || labelValue === undefined ? {} : { [label]: labelValue };
          counters.get(name)?.inc({ ...own, ...labels }, amount);
        },
        observe(name, value) {
          // No number to be had is no reason to fail what was measured.
          if (Number.isFinite(value)) histograms.get(name)?.observe(labels, value);
        },
      };
    },
    async render(gauges, gaugeLabels) {
      const registry = new Registry();
      const values: Readonly<Record<string, number | undefined>> = gauges;
      for (const [name, metric] of ofType("gauge")) {
        const value = values[name];
        if (value === undefined) continue;
        const labelNames = Object.keys(gaugeLabels);
        const gauge = new Gauge({ ...base(name, metric), labelNames, registers: [registry] });
        gauge.set(gaugeLabels, value);
      }
      for (const metric of [...histograms.values(), ...counters.values()])
        registry.registerMetric(metric);
      return registry.metrics();
    },
  };
}
