import { defaultSamplingParams } from "@adaedl/core";
import { openModelThread } from "@adaedl/engine";
import { examplePair } from "@adaedl/example-models";
import { expect, test } from "vitest";
import { watchThread } from "./watch-thread.ts";

const settings = {
  sampling: defaultSamplingParams,
  seed: 1,
  verification: "shared-noise",
  numPromptTokens: 1,
} as const;

test("an error of a step is no loss, the end of the thread is", async () => {
  const directory = examplePair("storyteller").target;
  const watched = watchThread(await openModelThread({ directory, numThreads: 1 }));
  let lost: string | undefined;
  watched.lost.then((error) => {
    lost = error.code;
  });
  const slotId = await watched.thread.openSlot(settings);
  const [result] = await watched.thread.forward([
    { slotId, keep: { length: 5, hash: 0n }, tokenIds: [1], reads: [], roundStart: 0 },
  ]);
  expect(result).toHaveProperty("error");
  expect(lost).toBeUndefined();

  await watched.thread.close();
  await expect(watched.thread.openSlot(settings)).rejects.toMatchObject({ code: "unavailable" });
  await watched.lost;
  expect(lost).toBe("unavailable");
});
