import { setTimeout as sleep } from "node:timers/promises";
import { type DraftToken, verificationRuleNames } from "@adaedl/core";
import type { ModelThread } from "@adaedl/runtime";
import { overflowAfter } from "@adaedl/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTinyModels, plainSettings } from "./engine.cases.ts";
import type { StepReport } from "./step-report.ts";
import {
  all,
  ask,
  countingForwards,
  engineOn,
  openPart,
  partOf,
  playAlone,
  requestOf,
} from "./target-engine.cases.ts";
import type { SessionStart, TargetEngine } from "./target-engine.ts";

const models = createTinyModels();
let thread: ModelThread;
beforeAll(async () => {
  thread = await models.open("target", { architecture: "llama", contextLength: 300 });
});
afterAll(() => models.close());

const seeds = Array.from({ length: 12 }, (_, index) => index + 1);

describe("an abort", () => {
  it.each(["between two tokens", "during a forward"])(
    "of a plain run, %s, ends the work within one step, and the session can go on",
    async (when) => {
      const counting = countingForwards(thread);
      const engine = engineOn(counting.thread);
      const part = partOf(4);
      const { tokenIds } = await playAlone(thread, part);
      await openPart(engine, "s", part);
      const controller = new AbortController();
      const run = engine.verify(requestOf("s", 0, part.prompt, [], 200), controller.signal);
      for (let count = 0; count < 3; count++) await run.next();
      const before = counting.numForwards();
      if (when === "during a forward") {
        const isRunning = counting.nextForward();
        const next = run.next();
        await isRunning;
        controller.abort();
        await expect(next).rejects.toMatchObject({ code: "cancelled" });
      } else {
        controller.abort();
        await expect(run.next()).rejects.toMatchObject({ code: "cancelled" });
      }
      await sleep(30);
      expect(counting.numForwards() - before).toBeLessThanOrEqual(1);
      const sequence = [...part.prompt, ...tokenIds.slice(0, 3)];
      const more = await all(engine.verify(requestOf("s", 3, sequence, [], 9)));
      expect(more.map(({ nextTokenId }) => nextTokenId)).toEqual(tokenIds.slice(3, 13));
    },
  );

  it("of one session leaves the others in its step alone", async () => {
    const engine = engineOn(thread);
    const parts = seeds.slice(0, 6).map((seed) => partOf(seed));
    await Promise.all(parts.map((part, index) => openPart(engine, `s${index}`, part)));
    const controller = new AbortController();
    const runs = parts.map((part, index) => {
      const signal = index % 2 === 0 ? controller.signal : undefined;
      return all(engine.verify(requestOf(`s${index}`, 0, part.prompt, [], 29), signal));
    });
    setTimeout(() => controller.abort(), 3);
    const ended = await Promise.allSettled(runs);
    for (const [index, run] of ended.entries()) {
      if (index % 2 === 0) continue;
      const { tokenIds } = await playAlone(thread, parts[index] as (typeof parts)[number]);
      const answers = run.status === "fulfilled" ? run.value : [];
      expect(answers.map(({ nextTokenId }) => nextTokenId)).toEqual(tokenIds.slice(0, 30));
    }
    expect(ended[0]).toMatchObject({ status: "rejected", reason: { code: "cancelled" } });
  });
});

describe("the model's time", () => {
  const step = { maxTokens: 500, maxSlots: 2 };

  /** Opens sessions side by side, has each decode a run, and says in which order they ended. */
  async function race(engine: TargetEngine, starts: readonly Partial<SessionStart>[]) {
    const ended: number[] = [];
    const { prompt, settings } = partOf(3);
    await Promise.all(
      starts.map(async (start, index) => {
        const sessionId = `s${index}`;
        const fixed = { sessionId, settings, sequence: prompt, nextRound: 0 };
        await engine.open({ client: "client", ...fixed, ...start });
        await all(engine.verify(requestOf(sessionId, 0, prompt, [], 30)));
        ended.push(index);
      }),
    );
    return ended;
  }

  it("is shared by clients: one session is not behind another client's many", async () => {
    const starts = Array.from({ length: 9 }, (_, index) => ({ client: index < 8 ? "a" : "b" }));
    const ended = await race(engineOn(thread, { step }), starts);
    expect(ended).toHaveLength(9);
    expect(ended[0]).toBe(8);
  });

  it("goes to the session of a client that is most urgent", async () => {
    const deadlines = [undefined, 60_000, 60_000, undefined, 10_000, 60_000];
    const starts = deadlines.map((deadlineMs) => ({ deadlineMs }));
    const ended = await race(engineOn(thread, { step }), starts);
    expect(ended).toHaveLength(6);
    expect(ended[0]).toBe(4);
  });

  it("is told about step by step, also where drafts are no shorter for it", async () => {
    const reports: StepReport[] = [];
    const engine = engineOn(thread, { step, onStep: (report) => reports.push(report) });
    await race(engine, [{}, {}, {}]);
    expect(engine.maxDraftLength).toBe(16);
    const numTokens = reports.reduce((sum, report) => sum + report.numTokens, 0);
    const { prompt } = partOf(3);
    // The prompt's last token is computed with the first of 31 rounds.
    expect(numTokens).toBe(3 * (prompt.length - 1 + 31));
    expect(reports.every(({ queueMs, numSlots }) => queueMs.length === numSlots)).toBe(true);
  });
});

describe("the longest draft", () => {
  it("shrinks while more sessions come than a step holds, and grows again", async () => {
    const engine = engineOn(thread, { step: { maxTokens: 500, maxSlots: 4 } });
    const runOf = async (sessionId: string, seed: number) => {
      const part = partOf(seed);
      await openPart(engine, sessionId, part);
      const answers = await all(engine.verify(requestOf(sessionId, 0, part.prompt, [], 150)));
      engine.close(sessionId);
      return answers.at(-1)?.maxDraftLength;
    };
    const crowded = await Promise.all(seeds.map((seed) => runOf(`s${seed}`, seed)));
    expect(crowded[0]).toBe(0);
    expect(engine.maxDraftLength).toBe(0);
    expect(await runOf("alone", 1)).toBe(16);
  });

  it("is 1 for a session that is never right, within 64 rounds, and its own for the others", async () => {
    const engine = engineOn(thread);
    const { prompt, settings } = partOf(3);
    for (const sessionId of ["liar", "honest"])
      await openPart(engine, sessionId, { prompt, settings, numTokens: 64 });
    const sequence = [...prompt];
    const lengths: number[] = [];
    for (let round = 0; round < 64; round++) {
      const honest = await ask(engine, requestOf("honest", round, sequence));
      expect(honest.maxDraftLength).toBe(16);
      const wrong = (honest.nextTokenId + 1) % 250;
      const guesses = new Array(lengths.at(-1) ?? 16).fill(0).map((_, index): DraftToken => {
        return { tokenId: wrong, position: sequence.length + index, entropy: 0 };
      });
      const answer = await ask(engine, requestOf("liar", round, sequence, guesses));
      lengths.push(answer.maxDraftLength);
      expect(answer.nextTokenId).toBe(honest.nextTokenId); // what is claimed changes no word
      sequence.push(answer.nextTokenId);
    }
    expect(lengths[0]).toBe(16);
    expect(lengths.at(-1)).toBe(1);
  });
});

describe.each(verificationRuleNames)("logits that are not numbers, by %s", (verification) => {
  it("fail the round that reads them, and no other session in its step", async () => {
    const badToken = 5;
    const options = { architecture: "llama", contextLength: 64 } as const;
    const overflowing = await models.open(`overflowing-${verification}`, options, (tensors) =>
      overflowAfter(badToken, tensors),
    );
    let numShared = 0;
    const engine = engineOn({
      ...overflowing,
      forward(steps, signal) {
        const numBad = steps.filter(({ tokenIds }) => tokenIds.at(-1) === badToken).length;
        if (numBad > 0 && numBad < steps.length) numShared++;
        return overflowing.forward(steps, signal);
      },
    });
    // At temperature 0 the good ones never write the bad token: they would fail undisturbed.
    const sampling = { ...plainSettings.sampling, temperature: 0 };
    const good = [1, 2].map((seed) => partOf(seed, { verification, sampling }));
    const write = async (name: string) =>
      await Promise.all(
        good.map(async (part, index) => {
          await openPart(engine, `${name}${index}`, part);
          const request = requestOf(`${name}${index}`, 0, part.prompt, [], 19);
          return (await all(engine.verify(request))).map(({ nextTokenId }) => nextTokenId);
        }),
      );
    const undisturbed = await write("before");

    let isWriting = true;
    const fail = async (sessionId: string) => {
      const bad = { ...partOf(3, { verification, sampling }), prompt: [1, 2, badToken] };
      await openPart(engine, sessionId, bad);
      while (isWriting)
        await expect(ask(engine, requestOf(sessionId, 0, bad.prompt))).rejects.toMatchObject({
          code: "internal",
          message: "the model returned logits that are not numbers (NaN)",
        });
    };
    const failing = Promise.all(["bad0", "bad1"].map(fail));
    expect(await write("during")).toEqual(undisturbed);
    isWriting = false;
    await failing;
    expect(numShared).toBeGreaterThan(5);
  });
});
