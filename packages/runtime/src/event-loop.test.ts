import { exampleModelDirectory } from "@adaedl/example-models";
import { watchTurns } from "@adaedl/testing";
import { expect, test } from "vitest";
import { open, randomTokens, rowsOf, sampled, stepOf } from "./open-thread.cases.ts";

test("the caller's loop goes on while a model infers", async () => {
  const thread = await open({ directory: exampleModelDirectory("coder-target") });
  const slotId = await thread.openSlot(sampled);
  const chunks = [0, 1, 2, 3].map((n) => randomTokens(n, 128, thread.info.vocabSize));

  const endWatch = watchTurns();
  const end = performance.now() + 2000;
  let numForwards = 0;
  let busyMs = 0;
  while (performance.now() < end) {
    let kept: number[] = [];
    for (const chunk of chunks) {
      const begin = performance.now();
      const [result] = await thread.forward([stepOf(slotId, kept, chunk, [])]);
      busyMs += performance.now() - begin;
      rowsOf(result);
      kept = [...kept, ...chunk];
      numForwards++;
    }
  }
  const turns = endWatch();
  // The forwards are long enough to be noticed if they blocked this loop, and fill the time.
  expect(busyMs).toBeGreaterThan(1000);
  expect(busyMs / numForwards).toBeGreaterThan(2);
  expect(turns.percentile(0.99)).toBeLessThan(20);
});
