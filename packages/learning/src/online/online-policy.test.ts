import fc from "fast-check";
import { expect, test } from "vitest";
import {
  guardWindow,
  isWorse,
  maxWaiting,
  newOnlineState,
  type OnlineEvent,
  type OnlineJob,
  type OnlineState,
  reduceOnline,
  textsPerStep,
} from "./online-policy.ts";

/** A service whose requests and jobs end when the test says so. */
class Played {
  state: OnlineState<number> = newOnlineState();
  running: OnlineJob<number> | undefined;
  isInterrupting = false;
  readonly started: OnlineJob<number>[] = [];
  #numTexts = 0;

  apply(event: OnlineEvent<number>): void {
    const [state, effects] = reduceOnline(this.state, event);
    this.state = state;
    for (const effect of effects)
      if (effect.type === "interrupt") this.isInterrupting = true;
      else {
        expect(this.running).toBeUndefined();
        this.running = effect.job;
        this.started.push(effect.job);
      }
  }

  begin(): void {
    this.apply({ type: "requestBegan" });
  }

  end(hasText = true): void {
    const text = hasText ? this.#numTexts++ : undefined;
    if (this.state.numRunning > 0) this.apply({ type: "requestEnded", text });
  }

  request(): void {
    this.begin();
    this.end();
  }

  /** @returns false where no job runs */
  finish(gain: number): boolean {
    const job = this.running;
    if (job === undefined) return false;
    this.running = undefined;
    const gains = job.type === "compare" ? job.texts.map(() => gain) : undefined;
    this.apply(this.isInterrupted() ? { type: "interrupted" } : { type: "done", gains });
    return true;
  }

  private isInterrupted(): boolean {
    const was = this.isInterrupting;
    this.isInterrupting = false;
    return was;
  }

  settle(gain: number): void {
    while (this.finish(gain));
  }

  types(): string[] {
    return this.started.map(({ type }) => type);
  }
}

test("every eight texts are compared, learnt from and published", () => {
  const played = new Played();
  for (let request = 0; request < 7; request++) played.request();
  expect(played.started).toEqual([]);
  played.request();
  played.settle(0);
  expect(played.types()).toEqual(["compare", "learn", "publish"]);
  expect(played.started[1]).toEqual({ type: "learn", texts: [0, 1, 2, 3, 4, 5, 6, 7] });
});

test("a request interrupts a job, which starts anew when nothing runs", () => {
  const played = new Played();
  for (let request = 0; request < textsPerStep; request++) played.request();
  played.begin();
  expect(played.isInterrupting).toBe(true);
  played.finish(0);
  expect(played.running).toBeUndefined();
  played.end(false);
  played.settle(0);
  expect(played.types()).toEqual(["compare", "compare", "learn", "publish"]);
});

test("rolls back a draft that is worse, also while requests come", () => {
  const played = new Played();
  for (let request = 0; request < textsPerStep; request++) played.request();
  played.finish(-0.01);
  expect(played.running).toEqual({ type: "rollBack" });
  played.begin();
  expect(played.isInterrupting).toBe(false);
  played.end(false);
  played.settle(0);
  expect(played.state.gains).toEqual([]);
  expect(played.types()).toEqual(["compare", "rollBack"]);
});

test("learns no more once a job has failed", () => {
  const played = new Played();
  for (let request = 0; request < textsPerStep; request++) played.request();
  played.running = undefined;
  played.apply({ type: "failed" });
  for (let request = 0; request < 3 * textsPerStep; request++) played.request();
  expect(played.types()).toEqual(["compare"]);
  expect(played.state).toMatchObject({ waiting: [], numRunning: 0 });
});

test.each([
  ["none", [], false],
  ["too few", Array(7).fill(-1), false],
  ["as good", Array(64).fill(0), false],
  ["a full window, a little worse", [...Array(32).fill(0.01), ...Array(32).fill(-0.011)], true],
  ["few texts, within the error", [...Array(8).fill(0.01), ...Array(8).fill(-0.011)], false],
  ["few texts, far worse", [-0.1, -0.2, -0.1, -0.2, -0.1, -0.2, -0.1, -0.2], true],
])("whether it is worse: %s", (_, gains, expected) => {
  expect(isWorse(gains)).toBe(expected);
});

test("whatever happens: bounded, one job at a time, none begins beside a request, each text once", () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.constant("begin" as const) },
    { weight: 4, arbitrary: fc.constant("end" as const) },
    { weight: 1, arbitrary: fc.constant("endWithout" as const) },
    { weight: 4, arbitrary: fc.double({ min: -0.1, max: 0.2, noNaN: true }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
      const played = new Played();
      for (const one of steps) {
        const before = played.started.length;
        if (one === "begin") played.begin();
        else if (typeof one === "string") played.end(one === "end");
        else played.finish(one);
        const { waiting, gains, numRunning } = played.state;
        expect(waiting.length).toBeLessThanOrEqual(maxWaiting);
        expect(gains.length).toBeLessThanOrEqual(guardWindow);
        if (played.started.length > before) expect(numRunning).toBe(0);
      }
      const learnt = played.started.filter((job, at) => {
        const next = played.started[at + 1];
        return job.type === "learn" && next?.type !== "learn"; // an interrupted one starts anew
      });
      const texts = learnt.flatMap((job) => (job.type === "learn" ? job.texts : []));
      expect(new Set(texts).size).toBe(texts.length);
    }),
  );
});
