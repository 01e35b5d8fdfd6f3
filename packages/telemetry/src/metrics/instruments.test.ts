import { expect, test } from "vitest";
import type { Catalogue } from "./catalogue.ts";
import { parseExposition } from "./exposition.cases.ts";
import { createInstruments } from "./instruments.ts";

const catalogue = {
  eaten_total: {
    ...{ type: "counter", unit: "tokens", help: "Eaten." },
    label: { name: "fruit", values: ["apple", "pear"] },
  },
  size: { type: "histogram", unit: "tokens", help: "How large.", buckets: [1, 2.5, 10] },
  hunger: { type: "gauge", unit: "ratio", help: "How hungry." },
} as const satisfies Catalogue;

/** What a scrape says, a line each: name, own label, guest, value. */
async function scraped(instruments: Awaited<ReturnType<typeof open>>) {
  const families = parseExposition(await instruments.render({ hunger: 0.5 }, {}));
  return [...families.values()].flatMap(({ samples }) =>
    samples.map(({ name, labels: { fruit, le, guest = "" }, value }) =>
      [name.replace("adaedl_", ""), fruit ?? le ?? "", guest, value].join(" ").replace(/ +/g, " "),
    ),
  );
}

const open = () => createInstruments(catalogue);

test("recorders count apart from each other, from zero on, a bucket with its bound", async () => {
  const instruments = await open();
  const ann = instruments.recorder({ guest: "ann" });
  instruments.recorder({ guest: "ben" }).count("eaten_total", "pear", 3);
  ann.count("eaten_total", "apple");
  ann.count("eaten_total", "apple", 2);
  for (const value of [0, 1, 2.5, 2.6, 10, 11, Number.NaN]) ann.observe("size", value);
  const zeros = ["1", "2.5", "10", "+Inf"].map((le) => `size_bucket ${le} ben 0`);
  expect(await scraped(instruments)).toEqual([
    ...["eaten_total apple ann 3", "eaten_total pear ann 0"],
    ...["eaten_total apple ben 0", "eaten_total pear ben 3"],
    ...["size_bucket 1 ann 2", "size_bucket 2.5 ann 3", "size_bucket 10 ann 5"],
    ...["size_bucket +Inf ann 6", "size_sum ann 27.1", "size_count ann 6"],
    ...[...zeros, "size_sum ben 0", "size_count ben 0"],
    "hunger 0.5",
  ]);
});

test("a label's value that the catalogue does not have makes no series", async () => {
  const instruments = await open();
  const recorder = instruments.recorder({ guest: "ann" });
  const told = await scraped(instruments);
  recorder.count("eaten_total", "stone" as "pear");
  expect(await scraped(instruments)).toEqual(told);
});
