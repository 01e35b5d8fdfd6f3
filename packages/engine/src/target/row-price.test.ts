import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRowPrice, type RowPrice } from "./row-price.ts";

/** Forwards of `rows[i % rows.length]` rows that take `base + row · numRows` and commit one token a text. */
function run(
  price: RowPrice,
  numForwards: number,
  { base = 30, row = 1, rows = [1, 2, 3, 5], numCommitted = 2, noise = (_index: number) => 0 },
) {
  for (let index = 0; index < numForwards; index++) {
    const numRows = rows[index % rows.length] as number;
    const forwardMs = base + row * numRows + noise(index);
    price.observe({ numRows, forwardMs, numCommitted, hasPrompts: false });
  }
}

describe("the least chance that is worth a row", () => {
  it("is 0 before anything is known, and while forwards differ in nothing", () => {
    const price = createRowPrice();
    expect(price.leastChance).toBe(0);
    run(price, 10, {});
    expect(price.leastChance).toBe(0);
    const same = createRowPrice();
    run(same, 300, { rows: [4] });
    expect(same.leastChance).toBe(0);
  });

  it("is the time of a row times the tokens in a unit of time", () => {
    const price = createRowPrice();
    run(price, 300, {});
    expect(price.leastChance).toBeCloseTo((1 * 2) / 32.75, 2);
    const noisy = createRowPrice();
    run(noisy, 2_000, { noise: (index) => 5 * Math.sin(index * 1.7) });
    expect(noisy.leastChance).toBeCloseTo((1 * 2) / 32.75, 1);
  });

  it("rises with the load at once, and stays when all forwards become alike", () => {
    const price = createRowPrice();
    run(price, 300, {});
    const alone = price.leastChance;
    run(price, 64, { rows: [60, 70, 64, 80], numCommitted: 64 });
    const loaded = price.leastChance;
    expect(loaded).toBeGreaterThan(10 * alone);
    expect(loaded).toBeCloseTo(64 / 98.5, 1);
    run(price, 3_000, { rows: [64], numCommitted: 64 });
    expect(price.leastChance).toBeCloseTo(64 / 94, 2);
  });

  it("follows a model that becomes slower by the row", () => {
    const price = createRowPrice();
    run(price, 500, { row: 0 });
    expect(price.leastChance).toBeCloseTo(0, 6);
    run(price, 1_500, { row: 10 });
    expect(price.leastChance).toBeCloseTo((10 * 2) / (30 + 27.5), 1);
  });

  it("learns nothing about rows from forwards with prompts", () => {
    const price = createRowPrice();
    run(price, 300, {});
    for (let index = 0; index < 20; index++)
      price.observe({ numRows: 256, forwardMs: 3_000, numCommitted: 2, hasPrompts: true });
    const during = price.leastChance;
    expect(during).toBeLessThan(0.002); // next to nothing is written meanwhile
    run(price, 200, {});
    expect(price.leastChance).toBeCloseTo(2 / 32.75, 2);
  });

  it("is 0 to 1 whatever is measured", () => {
    const cost = fc.record({
      numRows: fc.integer({ min: 1, max: 512 }),
      forwardMs: fc.double({ min: 0, max: 1e5, noNaN: true }),
      numCommitted: fc.integer({ min: 0, max: 512 }),
      hasPrompts: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(cost, { minLength: 1, maxLength: 60 }), (costs) => {
        const price = createRowPrice();
        for (const cost of costs) {
          price.observe(cost);
          expect(price.leastChance).toBeGreaterThanOrEqual(0);
          expect(price.leastChance).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
