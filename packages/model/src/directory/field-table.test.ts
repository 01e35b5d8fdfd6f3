import { expect, test } from "vitest";
import { configFields } from "./config-fields.ts";
import { generationFields } from "./generation-fields.ts";

test.each(Object.entries({ configFields, generationFields }))(
  "%s lists a field once",
  (_, table) => {
    const names = [
      ...table.used,
      ...table.harmless.flatMap(({ fields }) => fields),
      ...table.limited.flatMap(({ fields }) => fields),
    ];
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  },
);
