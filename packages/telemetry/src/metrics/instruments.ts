import { type Catalogue, type MetricDefinition, metricPrefix } from "./catalogue.ts";
import { expose, type MetricFamily, type ServiceMetrics } from "./exposition.ts";
import {
  type CounterSeries,
  createCounterSeries,
  createHistogramSeries,
  type HistogramSeries,
  type Labels,
  type SeriesValue,
} from "./series.ts";

type MetricType = MetricDefinition["type"];

/** Names of a catalogue's metrics of a type, with a label of their own or without. */
type NamesOf<C extends Catalogue, Type extends MetricType, Label extends string = string> = {
  [Name in keyof C & string]: C[Name]["type"] extends Type
    ? LabelOf<C[Name]> extends Label
      ? Name
      : never
    : never;
}[keyof C & string];

/** The values of a metric's own label; never where it has none. */
type LabelOf<Metric extends MetricDefinition> = Metric extends {
  label: { values: readonly (infer Value extends string)[] };
}
  ? Value
  : never;

type Unlabelled<C extends Catalogue> = NamesOf<C, "counter", never>;
type Labelled<C extends Catalogue> = Exclude<NamesOf<C, "counter">, Unlabelled<C>>;

/**
 * Gauges, and counters that are counted elsewhere, as they are when they are asked for. A gauge that is
 * undefined, or not named, is not shown; such a counter is what was recorded.
 */
export type ReadValues<C extends Catalogue> = {
  readonly [Name in NamesOf<C, "gauge"> | Unlabelled<C>]?: number | undefined;
} & {
  readonly [Name in Labelled<C>]?: Readonly<Record<LabelOf<C[Name]>, number>> | undefined;
};

type AnyReadings = Readonly<Record<string, number | Readonly<Record<string, number>> | undefined>>;

/** Counts and observes under its own common labels. Nothing here can fail or wait. */
export interface Recorder<C extends Catalogue> {
  /** @param amount default 1 */
  count(name: Unlabelled<C>, amount?: number): void;
  /** A label's value that the catalogue does not have is not counted. @param amount default 1 */
  countAs<Name extends Labelled<C>>(name: Name, label: LabelOf<C[Name]>, amount?: number): void;
  observe(name: NamesOf<C, "histogram">, value: number): void;
}

/** All metrics of a catalogue. */
export interface Metrics<C extends Catalogue> extends ServiceMetrics {
  /** Everything is shown under these labels from zero on, besides what a counter has of its own. */
  recorder(labels: Labels): Recorder<C>;
}

/**
 * Counts are in memory, and written by prom-client.
 * @param catalogue all metrics there are, in this order
 * @param read asked once for each rendering, which fails when it throws
 * @param readLabels of the values that are read
 */
export function createMetrics<C extends Catalogue>(
  catalogue: C,
  read: () => ReadValues<C>,
  readLabels: Labels = {},
): Metrics<C> {
  const definitions = Object.entries<MetricDefinition>(catalogue);
  /** Of counters and histograms, by their names, of all recorders. */
  const series = new Map<string, { values(): SeriesValue[] }[]>();
  const shown = <Series extends { values(): SeriesValue[] }>(name: string, one: Series): Series => {
    series.set(name, [...(series.get(name) ?? []), one]);
    return one;
  };

  function valuesOf(name: string, { label }: MetricDefinition, value: AnyReadings[string]) {
    if (value === undefined) return (series.get(name) ?? []).flatMap((one) => one.values());
    if (typeof value === "number") return [{ labels: readLabels, value }];
    return Object.entries(value).map(([own, value]): SeriesValue => {
      return { labels: { ...(label && { [label.name]: own }), ...readLabels }, value };
    });
  }

  function families(): MetricFamily[] {
    const readings: AnyReadings = read();
    return definitions.flatMap(([name, definition]) => {
      const { type, help } = definition;
      const values = valuesOf(name, definition, readings[name]);
      if (type === "gauge" && values.length === 0) return [];
      return [{ name: metricPrefix + name, help, type, aggregator: "sum", values }];
    });
  }

  return {
    ...expose(() => [families()]),
    families,
    recorder(labels) {
      const counters = new Map<string, Map<string | undefined, CounterSeries>>();
      const histograms = new Map<string, HistogramSeries>();
      for (const [name, { type, label, buckets = [] }] of definitions) {
        if (type === "counter") {
          const create = (own: Labels) => shown(name, createCounterSeries({ ...own, ...labels }));
          const byLabel = label?.values.map((own) => [own, create({ [label.name]: own })] as const);
          counters.set(name, new Map(byLabel ?? [[undefined, create({})]]));
        } else if (type === "histogram") {
          const one = createHistogramSeries(metricPrefix + name, buckets, labels);
          histograms.set(name, shown(name, one));
        }
      }
      return {
        count: (name, amount = 1) => counters.get(name)?.get(undefined)?.add(amount),
        countAs: (name, label, amount = 1) => counters.get(name)?.get(label)?.add(amount),
        observe(name, value) {
          // No number to be had is no reason to fail what was measured.
          if (Number.isFinite(value)) histograms.get(name)?.observe(value);
        },
      };
    },
  };
}
