import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { merge } from "./merge.ts";

async function* source<Event>(events: readonly Event[], onEnd = () => {}): AsyncGenerator<Event> {
  try {
    for (const event of events) {
      await sleep(1);
      yield event;
    }
  } finally {
    onEnd();
  }
}

test("all events come, those of each source in order", async () => {
  const got: string[][] = [[], [], []];
  const sources = [["a", "b", "c"], [], ["d", "e"]].map((events) => source(events));
  for await (const { index, event } of merge(sources)) got[index]?.push(event);
  expect(got).toEqual([["a", "b", "c"], [], ["d", "e"]]);
});

test("a source that waits does not keep the others", async () => {
  let answer: (event: string) => void = () => {};
  const waited = new Promise<string>((resolve) => {
    answer = resolve;
  });
  async function* slow() {
    yield await waited;
  }
  const got: string[] = [];
  for await (const { event } of merge([slow(), source(["a", "b"])])) {
    got.push(event);
    if (event === "b") answer("slow");
  }
  expect(got).toEqual(["a", "b", "slow"]);
});

test("no source is ahead of a reader that waits by more than one event", async () => {
  let numMade = 0;
  async function* counting() {
    for (;;) yield numMade++;
  }
  const merged = merge([counting(), counting()]);
  await merged.next();
  await sleep(20);
  expect(numMade).toBeLessThanOrEqual(2);
  await merged.return(undefined);
});

test("the first that throws ends the others, and is what the reader gets", async () => {
  let isEnded = false;
  let begin: () => void = () => {};
  const hasBegun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  async function* failing(): AsyncGenerator<string> {
    yield "first";
    await hasBegun;
    throw new Error("broken");
  }
  async function* other(): AsyncGenerator<string> {
    begin();
    yield* source(Array(1000).fill("x"), () => {
      isEnded = true;
    });
  }
  const read = async () => {
    for await (const _ of merge([failing(), other()]));
  };
  await expect(read()).rejects.toThrow("broken");
  await expect.poll(() => isEnded).toBe(true);
});

test("a reader that goes away ends all sources", async () => {
  const ended: number[] = [];
  const sources = [0, 1].map((id) => source(Array(1000).fill(id), () => ended.push(id)));
  for await (const _ of merge(sources)) break;
  await expect.poll(() => ended.toSorted()).toEqual([0, 1]);
});

test("sources without a place begin when those before them end", async () => {
  let numPlaces = 2;
  let numRunning = 0;
  let mostRunning = 0;
  async function* counted(id: number) {
    mostRunning = Math.max(mostRunning, ++numRunning);
    await sleep(1);
    yield id;
    numRunning--;
  }
  const enterMore = () => {
    if (numPlaces === 0) return undefined;
    numPlaces--;
    return () => void numPlaces++;
  };
  const ids = Array.from({ length: 20 }, (_, id) => id);
  const got: number[] = [];
  for await (const { event } of merge(ids.map(counted), enterMore)) got.push(event);
  expect(got.toSorted((a, b) => a - b)).toEqual(ids);
  expect([mostRunning, numPlaces]).toEqual([3, 2]);
});
