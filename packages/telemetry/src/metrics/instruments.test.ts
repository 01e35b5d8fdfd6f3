import { describe, expect, test } from "vitest";
import { type Catalogue, metricPrefix } from "./catalogue.ts";
import { catalogues } from "./catalogues.ts";
import { parseExposition } from "./exposition.cases.ts";
import type { MetricsSource } from "./exposition.ts";
import { createMetrics, type ReadValues } from "./instruments.ts";

const catalogue = {
  eaten_total: {
    ...{ type: "counter", unit: "tokens", help: "Eaten." },
    label: { name: "fruit", values: ["apple", "pear"] },
  },
  drunk_total: { type: "counter", unit: "tokens", help: "Drunk." },
  size: { type: "histogram", unit: "tokens", help: "How large.", buckets: [1, 2.5, 10] },
  hunger: { type: "gauge", unit: "ratio", help: "How hungry." },
} as const satisfies Catalogue;
type Readings = ReadValues<typeof catalogue>;

const open = (read: () => Readings = () => ({ hunger: 0.5 })) => createMetrics(catalogue, read);

/** What a scrape says, a line each: name, own label, guest, value. */
async function scraped(metrics: MetricsSource) {
  const families = parseExposition(await metrics.render());
  return [...families.values()].flatMap(({ samples }) =>
    samples.map(({ name, labels: { fruit, le, guest = "" }, value }) =>
      [name.replace("adaedl_", ""), fruit ?? le ?? "", guest, value].join(" ").replace(/ +/g, " "),
    ),
  );
}

test("recorders count apart from each other, from zero on, a bucket with its bound", async () => {
  const metrics = open();
  const ann = metrics.recorder({ guest: "ann" });
  metrics.recorder({ guest: "ben" }).countAs("eaten_total", "pear", 3);
  ann.countAs("eaten_total", "apple");
  ann.countAs("eaten_total", "apple", 2);
  ann.count("drunk_total");
  const unmeasured = [Number.NaN, Number.POSITIVE_INFINITY]; // left out, and no failure
  for (const value of [0, 1, 2.5, 2.6, 10, 11, ...unmeasured]) ann.observe("size", value);
  const zeros = ["1", "2.5", "10", "+Inf"].map((le) => `size_bucket ${le} ben 0`);
  expect(await scraped(metrics)).toEqual([
    ...["eaten_total apple ann 3", "eaten_total pear ann 0"],
    ...["eaten_total apple ben 0", "eaten_total pear ben 3"],
    ...["drunk_total ann 1", "drunk_total ben 0"],
    ...["size_bucket 1 ann 2", "size_bucket 2.5 ann 3", "size_bucket 10 ann 5"],
    ...["size_bucket +Inf ann 6", "size_sum ann 27.1", "size_count ann 6"],
    ...[...zeros, "size_sum ben 0", "size_count ben 0"],
    "hunger 0.5",
  ]);
});

test("a label's value that the catalogue does not have makes no series", async () => {
  const metrics = open();
  const recorder = metrics.recorder({ guest: "ann" });
  const told = await scraped(metrics);
  recorder.countAs("eaten_total", "stone" as "pear");
  expect(await scraped(metrics)).toEqual(told);
});

describe("what is read when it is scraped", () => {
  test("is read once, and is what it is then", async () => {
    let numReads = 0;
    const metrics = open(() => {
      numReads++;
      const eaten_total = { apple: numReads, pear: 0 };
      return { hunger: numReads / 4, eaten_total, drunk_total: 10 * numReads };
    });
    const lines = (n: number) => [
      ...[`eaten_total apple ${n}`, "eaten_total pear 0", `drunk_total ${10 * n}`],
      `hunger ${n / 4}`,
    ];
    expect(await scraped(metrics)).toEqual(lines(1));
    expect(await scraped(metrics)).toEqual(lines(2));
    expect(numReads).toBe(2);
  });

  test("is not shown as a gauge where there is none, and as a counter is what was recorded", async () => {
    const metrics = open(() => ({ hunger: undefined, drunk_total: undefined }));
    metrics.recorder({}).count("drunk_total", 2);
    const told = await scraped(metrics);
    expect(told).toContain("drunk_total 2");
    expect(told.filter((line) => line.startsWith("hunger"))).toEqual([]);
  });
});

test.each(Object.entries(catalogues))(
  "a %s shows all of its counters and histograms from the beginning, whatever its model is called",
  async (_, own: Catalogue) => {
    const labels = { model_name: 'a "b" \\c\nd' };
    const metrics = createMetrics(own, () => ({}), labels);
    metrics.recorder(labels);
    const families = parseExposition(await metrics.render());
    const expected = Object.entries(own)
      .filter(([, { type }]) => type !== "gauge")
      .map(([name, { type, help }]) => [metricPrefix + name, { type, help }]);
    expect([...families].map(([name, { type, help }]) => [name, { type, help }])).toEqual(expected);
    for (const { samples } of families.values()) {
      expect(samples).not.toHaveLength(0);
      for (const sample of samples) expect(sample.labels).toMatchObject(labels);
    }
  },
);

test("a name says its unit and its type", () => {
  for (const own of Object.values(catalogues) as Catalogue[])
    for (const [name, { type, unit }] of Object.entries(own)) {
      expect(name.endsWith("_total"), name).toBe(type === "counter");
      expect(/_seconds(_total)?$/.test(name), name).toBe(unit === "seconds");
      expect(metricPrefix + name, name).toMatch(/^[a-z][a-z\d_]*$/);
    }
});
