import { performance } from "node:perf_hooks";
import { examplePair, examplePrompts } from "@adaedl/example-models";
import { expect, it } from "vitest";
import { openSpeculator } from "./speculator.ts";

it("leaves the host's event loop alone while several requests are being generated", async () => {
  const { target, draft } = examplePair("coder");
  // Models are slow, so that whoever waits for them in the host's thread shows on a busy machine, too.
  await using speculator = await openSpeculator({
    target: { directory: target, numThreads: 1, emulatedForwardMs: "30+1" },
    draft: { directory: draft, numThreads: 1, emulatedForwardMs: "20" },
  });
  const generate = async (prompt: string, seed: number) => {
    const promptTokenIds = speculator.facts.tokenizer.encode(prompt);
    let numTokens = 0;
    const request = { promptTokenIds, maxTokens: 60, seed, ignoreEos: true };
    for await (const event of speculator.generate(request)) if (event.type === "token") numTokens++;
    return numTokens;
  };
  const prompts = examplePrompts("coder").slice(0, 4);
  const before = performance.eventLoopUtilization();
  const numTokens = await Promise.all(prompts.map(generate));
  const { utilization } = performance.eventLoopUtilization(before);
  expect(numTokens).toEqual([60, 60, 60, 60]);
  expect(utilization).toBeLessThan(0.5);
});
