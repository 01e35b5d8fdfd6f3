import type { Logger } from "@adaedl/telemetry";
import { expect, test } from "vitest";
import { createNumericsWatch } from "./numerics-watch.ts";

test("only a text that goes on with other numerics counts, and a pair is logged once", () => {
  let numChanges = 0;
  const logged: unknown[] = [];
  const logger = { warn: (facts: unknown) => logged.push(facts) } as unknown as Logger;
  const compare = createNumericsWatch("aa", () => numChanges++, logger);
  const committedTokenIds = [7];
  for (const numerics of ["aa", ""]) compare({ numerics, committedTokenIds });
  compare({ numerics: "bb", committedTokenIds: [] });
  expect(numChanges).toBe(0);
  for (const numerics of ["bb", "cc", "bb"]) compare({ numerics, committedTokenIds });
  expect(numChanges).toBe(3);
  expect(logged).toEqual([
    { numerics: "aa", before: "bb" },
    { numerics: "aa", before: "cc" },
  ]);
  // A client can name what it likes.
  for (let index = 0; index < 200; index++)
    compare({ numerics: (1_000 + index).toString(16), committedTokenIds });
  expect(numChanges).toBe(203);
  expect(logged).toHaveLength(100);
});
