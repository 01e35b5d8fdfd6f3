/**
 * Counters and histograms as plain numbers: a token is worth some ten updates, so that each has to cost next
 * to nothing. prom-client, which writes what they come to, looks a series up by its labels at every update
 * (docs/decisions/0015).
 */

export type Labels = Readonly<Record<string, string>>;

/** A line of a scrape, as prom-client takes it. */
export interface SeriesValue {
  readonly labels: Labels;
  readonly value: number;
  /** Where it is not the metric's own. */
  readonly metricName?: string;
}

export interface CounterSeries {
  add(amount: number): void;
  values(): SeriesValue[];
}

export function createCounterSeries(labels: Labels): CounterSeries {
  let value = 0;
  return {
    add(amount) {
      value += amount;
    },
    values: () => [{ labels, value }],
  };
}

export interface HistogramSeries {
  observe(value: number): void;
  values(): SeriesValue[];
}

/**
 * @param name of the metric, in full
 * @param bounds upper ones, each within its bucket, rising
 */
export function createHistogramSeries(
  name: string,
  bounds: readonly number[],
  labels: Labels,
): HistogramSeries {
  /** How many were within each bound and above the one before it; at the end those above all. */
  const counts = Array<number>(bounds.length + 1).fill(0);
  let sum = 0;
  return {
    observe(value) {
      let bucket = 0;
      while (value > (bounds[bucket] ?? Number.POSITIVE_INFINITY)) bucket++;
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      sum += value;
    },
    values() {
      let count = 0;
      const buckets = counts.map((ofBucket, bucket) => {
        count += ofBucket;
        const le = String(bounds[bucket] ?? "+Inf");
        return { labels: { le, ...labels }, value: count, metricName: `${name}_bucket` };
      });
      return [
        ...buckets,
        { labels, value: sum, metricName: `${name}_sum` },
        { labels, value: count, metricName: `${name}_count` },
      ];
    },
  };
}
