import { examplePair } from "@adaedl/example-models";
import { expect, test } from "vitest";
import { measureForwards } from "./measure-forwards.ts";

test("a model's forwards are measured by rows, sessions and context", async () => {
  const result = await measureForwards(
    {
      ...{ directory: examplePair("coder").draft, weights: "int8", numThreads: 1 },
      ...{ contextLengths: [16, 48], rowCounts: [1, 4], sessionCounts: [1, 3], numRounds: 1 },
    },
    new AbortController().signal,
  );
  expect(result.forwards.map((one) => [one.contextLength, one.numSessions, one.numRows])).toEqual([
    [16, 1, 1],
    [16, 1, 4],
    [16, 3, 1],
    [48, 1, 1],
  ]);
  for (const { ms } of result.forwards) expect(ms).toBeGreaterThan(0);
  expect(result.tokensPerSecond).toBeGreaterThan(0);
  if (process.platform === "linux") expect(result.memory?.ownBytes).toBeGreaterThan(1e6);
});
