import fc from "fast-check";
import { expect, test } from "vitest";
import { GrowingLists, WrittenJson, writeList, writeObject } from "./written-json.ts";

const name = fc.string().filter((name) => name !== "__proto__");

test("an object is written as JSON.stringify does, whatever of it was written before", () => {
  const field = fc.tuple(fc.option(fc.jsonValue(), { nil: undefined }), fc.boolean());
  fc.assert(
    fc.property(fc.dictionary(name, field, { noNullPrototype: true }), (fields) => {
      const values = Object.entries(fields).map(([key, [value]]) => [key, value]);
      const parts = Object.entries(fields).map(([key, [value, isWritten]]) => {
        const isPiece = isWritten && value !== undefined;
        return [key, isPiece ? new WrittenJson([JSON.stringify(value)]) : value];
      });
      const expected = JSON.stringify(Object.fromEntries(values));
      const object = writeObject(Object.fromEntries(parts));
      expect(object.toString()).toBe(expected);
      for (const count of [0, 1, 2])
        expect(writeList(Array(count).fill(object)).toString()).toBe(
          `[${Array(count).fill(expected).join()}]`,
        );
    }),
  );
});

test("lists grow by what is added to them", () => {
  const items = fc.array(fc.jsonValue(), { maxLength: 3 });
  fc.assert(
    fc.property(fc.array(fc.record({ one: items, other: items })), (added) => {
      const lists = new GrowingLists();
      lists.add({ one: [], other: [], refusal: null });
      for (const fields of added) lists.add(fields);
      const long = ["x".repeat(40_000)];
      for (let count = 0; count < 3; count++) lists.add({ long });
      expect(JSON.parse(lists.write().toString())).toEqual(
        JSON.parse(
          JSON.stringify({
            one: added.flatMap(({ one }) => one),
            other: added.flatMap(({ other }) => other),
            long: Array(3).fill("x".repeat(40_000)),
            refusal: null,
          }),
        ),
      );
    }),
  );
});
