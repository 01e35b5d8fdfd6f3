import { setTimeout as sleep } from "node:timers/promises";
import { Text } from "@adaedl/core";
import type { ModelThread, SlotResult, SlotStep } from "@adaedl/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTinyModels, plainSettings } from "./engine.cases.ts";
import { createStepScheduler } from "./step-scheduler.ts";

const models = createTinyModels();
let thread: ModelThread;
beforeAll(async () => {
  thread = await models.open("target", { architecture: "llama", contextLength: 2000 });
});
afterAll(() => models.close());

/** The thread, with a record of what each of its forwards held. */
function recorded(): { thread: ModelThread; forwards: SlotStep[][] } {
  const forwards: SlotStep[][] = [];
  return {
    forwards,
    thread: {
      ...thread,
      forward(steps, signal) {
        forwards.push([...steps]);
        return thread.forward(steps, signal);
      },
    },
  };
}

function stepOf(slotId: number, numTokens: number): SlotStep {
  const tokenIds = Array.from({ length: numTokens }, (_, index) => (slotId * 7 + index) % 250);
  const reads = [{ kind: "logits" as const, index: numTokens - 1 }];
  return { slotId, keep: new Text().fence(), tokenIds, roundStart: 0, reads };
}

const openSlots = (count: number) =>
  Promise.all(Array.from({ length: count }, () => thread.openSlot(plainSettings)));

const sizes = (forwards: SlotStep[][]) => forwards.map((steps) => steps.length);

function logitsOf(result: SlotResult | undefined): Float32Array {
  if (result === undefined || "error" in result || result.rows[0]?.kind !== "logits")
    throw new Error("no logits");
  return result.rows[0].logits;
}

describe("a step", () => {
  it("holds what has gathered while the last one ran, and every caller gets its own answer", async () => {
    const { thread: recording, forwards } = recorded();
    const scheduler = createStepScheduler(recording);
    const slots = await openSlots(6);
    const answers = await Promise.all(
      slots.map((slotId) => scheduler.forward([stepOf(slotId, (slotId % 5) + 1)])),
    );
    expect(sizes(forwards)).toEqual([1, 5]);
    for (const [index, slotId] of slots.entries()) {
      const [alone] = await thread.forward([stepOf(slotId, (slotId % 5) + 1)]);
      expect(logitsOf(answers[index]?.[0])).toEqual(logitsOf(alone));
    }
  });

  it("stays within its tokens and sessions; who has waited longest is in it", async () => {
    const { thread: recording, forwards } = recorded();
    const scheduler = createStepScheduler(recording, { maxTokens: 20, maxSlots: 3 });
    const slots = await openSlots(8);
    const lengths = [1, 1, 1, 1, 15, 10, 40, 2];
    await Promise.all(
      slots.map((slotId, index) => scheduler.forward([stepOf(slotId, lengths[index] ?? 1)])),
    );
    const numTokens = forwards.map((steps) => steps.map((step) => step.tokenIds.length));
    expect(numTokens).toEqual([[1], [1, 1, 1], [15, 2], [10], [40]]);
  });

  it("takes rounds before pieces of prompts", async () => {
    const { thread: recording, forwards } = recorded();
    const scheduler = createStepScheduler(recording, { maxTokens: 500, maxSlots: 8 });
    const slots = await openSlots(6);
    const lengths = [1, 256, 256, 256, 3, 3];
    await Promise.all(
      slots.map((slotId, index) => scheduler.forward([stepOf(slotId, lengths[index] ?? 1)])),
    );
    const numTokens = forwards.map((steps) => steps.map((step) => step.tokenIds.length));
    expect(numTokens).toEqual([[1], [256, 3, 3], [256], [256]]);
  });

  it("that fails as a whole is tried again call by call", async () => {
    const failing: ModelThread = {
      ...thread,
      async forward(steps, signal) {
        if (steps.some((step) => step.tokenIds.length === 7)) throw new Error("out of memory");
        return thread.forward(steps, signal);
      },
    };
    const scheduler = createStepScheduler(failing);
    const slots = await openSlots(4);
    const answers = await Promise.allSettled(
      slots.map((slotId, index) => scheduler.forward([stepOf(slotId, [1, 3, 7, 4][index] ?? 1)])),
    );
    expect(answers.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "rejected",
      "fulfilled",
    ]);
  });

  it("that goes wrong for one session harms no other", async () => {
    const scheduler = createStepScheduler(thread);
    const [good = 0, bad = 0] = await openSlots(2);
    const [first, second] = await Promise.all([
      scheduler.forward([stepOf(good, 3)]),
      scheduler.forward([{ ...stepOf(bad, 3), keep: { length: 9, hash: 0n } }]),
    ]);
    expect(logitsOf(first[0])).toHaveLength(thread.info.vocabSize);
    expect(second[0]).toMatchObject({ error: { code: "failed_precondition" } });
  });
});

describe("an abort", () => {
  it("takes a waiting call out of the queue and leaves the others", async () => {
    const { thread: recording, forwards } = recorded();
    const scheduler = createStepScheduler(recording);
    const [one = 0, two = 0, three = 0] = await openSlots(3);
    const controller = new AbortController();
    const running = scheduler.forward([stepOf(one, 200)]);
    const aborted = scheduler.forward([stepOf(two, 1)], controller.signal);
    const other = scheduler.forward([stepOf(three, 1)]);
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: "cancelled" });
    await Promise.all([running, other]);
    expect(forwards.flat().map((step) => step.slotId)).toEqual([one, three]);
  });

  it("of a call that runs answers at once; the next step goes on", async () => {
    const scheduler = createStepScheduler(thread);
    const [one = 0, two = 0] = await openSlots(2);
    const controller = new AbortController();
    const aborted = scheduler.forward([stepOf(one, 1500)], controller.signal);
    const other = scheduler.forward([stepOf(two, 1)]);
    await sleep(1);
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: "cancelled" });
    expect(logitsOf((await other)[0])).toHaveLength(thread.info.vocabSize);
  });
});

it("turns calls away when too many wait", async () => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const blocked = createStepScheduler({
    ...thread,
    forward: async (steps) => {
      await released;
      return steps.map(() => ({ rows: [] }));
    },
  });
  const calls = Array.from({ length: 1025 }, () => blocked.forward([stepOf(1, 1)]));
  await expect(blocked.forward([stepOf(1, 1)])).rejects.toMatchObject({
    code: "resource_exhausted",
    message: "1024 steps wait for the model",
  });
  release();
  await Promise.all(calls);
});

it("fails every call when the thread is gone", async () => {
  const dying = await models.open("dying", { architecture: "llama" });
  const scheduler = createStepScheduler(dying);
  const slotId = await dying.openSlot(plainSettings);
  await dying.close();
  const calls = [scheduler.forward([stepOf(slotId, 1)]), scheduler.forward([stepOf(slotId, 1)])];
  for (const call of calls) await expect(call).rejects.toMatchObject({ code: "unavailable" });
});
