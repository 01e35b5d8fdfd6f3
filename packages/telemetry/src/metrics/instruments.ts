import { type Catalogue, type MetricDefinition, metricPrefix } from "./catalogue.ts";
import {
  type CounterSeries,
  createCounterSeries,
  createHistogramSeries,
  type HistogramSeries,
  type Labels,
  type SeriesValue,
} from "./series.ts";

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

/** Counts and observes under its own common labels. */
export interface Recorder<C extends Catalogue> {
  /** A label's value that the catalogue does not have is not counted. @param amount default 1 */
  count<Name extends NamesOf<C, "counter">>(
    name: Name,
    labelValue: LabelOf<C[Name]>,
    amount?: number,
  ): void;
  observe(name: NamesOf<C, "histogram">, value: number): void;
}

/** The counters and histograms of a catalogue, and the text of all its metrics. */
export interface Instruments<C extends Catalogue> {
  /** Everything is shown under these labels from zero on, besides what a counter has of its own. */
  recorder(labels: Labels): Recorder<C>;
  /** Counters, histograms, and gauges with these values. */
  render(gauges: GaugeValues<C>, gaugeLabels: Labels): Promise<string>;
  readonly contentType: string;
}

/** Counts are in memory, and written by prom-client. @param catalogue all metrics there are, in this order */
export async function createInstruments<C extends Catalogue>(
  catalogue: C,
): Promise<Instruments<C>> {
  // Loaded here: it takes tens of milliseconds, and most commands have nothing to measure.
  const { AggregatorRegistry, Registry } = await import("prom-client");
  const definitions = Object.entries<MetricDefinition>(catalogue);
  const ofType = (type: MetricType) => definitions.filter(([, metric]) => metric.type === type);
  /** Of counters and histograms, by their names, of all recorders. */
  const series = new Map<string, { values(): SeriesValue[] }[]>();
  const shown = <Series extends { values(): SeriesValue[] }>(name: string, one: Series): Series => {
    series.set(name, [...(series.get(name) ?? []), one]);
    return one;
  };

  return {
    contentType: Registry.PROMETHEUS_CONTENT_TYPE,
    recorder(labels) {
      const counters = new Map<string, Map<string | undefined, CounterSeries>>();
      for (const [name, { label }] of ofType("counter")) {
        const create = (own: Labels) => shown(name, createCounterSeries({ ...own, ...labels }));
        const byValue = label?.values.map(
          (value) => [value, create({ [label.name]: value })] as const,
        );
        counters.set(name, new Map(byValue ?? [[undefined, create({})]]));
      }
      const histograms = new Map<string, HistogramSeries>();
      for (const [name, { buckets = [] }] of ofType("histogram"))
        histograms.set(
          name,
          shown(name, createHistogramSeries(metricPrefix + name, buckets, labels)),
        );
      return {
        count(name, labelValue, amount = 1) {
          counters.get(name)?.get(labelValue)?.add(amount);
        },
        observe(name, value) {
          // No number to be had is no reason to fail what was measured.
          if (Number.isFinite(value)) histograms.get(name)?.observe(value);
        },
      };
    },
    render(gauges, gaugeLabels) {
      const gaugeValues: Readonly<Record<string, number | undefined>> = gauges;
      const valuesOf = (name: string): SeriesValue[] => {
        const value = gaugeValues[name];
        if (value !== undefined) return [{ labels: gaugeLabels, value }];
        return (series.get(name) ?? []).flatMap((one) => one.values());
      };
      const metrics = definitions.flatMap(([name, { type, help }]) => {
        const values = valuesOf(name);
        const isShown = type !== "gauge" || values.length > 0;
        return isShown
          ? [{ name: metricPrefix + name, help, type, aggregator: "sum", values }]
          : [];
      });
      return AggregatorRegistry.aggregate([metrics]).metrics();
    },
  };
}
