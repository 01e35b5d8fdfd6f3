import fc from "fast-check";
import { expect, test } from "vitest";
import { KeyedRows } from "./keyed-rows.ts";

test("are those whose keys came last, whatever is written and read in between", () => {
  const write = fc.record({ key: fc.nat(12), value: fc.integer({ min: 1, max: 99 }) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(write), (maxRows, writes) => {
      const rows = new KeyedRows(maxRows, 2);
      const expected = new Map<number, number[]>();
      for (const { key, value } of writes) {
        const before = expected.get(key) ?? [0, 0];
        const row = rows.write(key);
        expect([...row]).toEqual(before);
        row.set([value, before[0] as number]);
        expected.set(key, [value, before[0] as number]);
        for (const [oldest] of expected) if (expected.size > maxRows) expected.delete(oldest);
      }
      expect(rows.size).toBe(expected.size);
      for (let key = 0; key <= 12; key++) {
        const row = rows.read(key);
        expect(row && [...row]).toEqual(expected.get(key));
      }
    }),
  );
});
