import { setTimeout as sleep } from "node:timers/promises";
import { examplePrompts } from "@adaedl/example-models";
import type { GenerateRequest } from "@adaedl/protocol";
import { createTestRandom, type TestRandom } from "@adaedl/testing";
import { Redis } from "ioredis";
import { expect, inject } from "vitest";
import { generateAt, startTestDraftService, startTestVerifier } from "../network/start-services.ts";

const policies = ["none", "static:3", "adaedl", "static:6", "stream"];
const prompts = examplePrompts("storyteller");

/** Requests of all kinds: plain, in rounds and as streams, both rules, short and long prompts. */
export function requestNumber(index: number): GenerateRequest {
  const policy = policies[index % policies.length];
  const text = prompts.slice(index % 5, (index % 5) + 1 + (index % 3)).join(" ");
  return {
    prompt: { type: "text", text },
    policy,
    verification: policy === "static:3" ? "rejection" : "shared-noise",
    sampling: { temperature: index % 3 === 0 ? 0 : 0.9 },
    seed: index,
    maxTokens: 40 + (index % 40),
    ignoreEos: true,
  };
}

/** The number of different requests: what each gives undisturbed is computed once. */
export const numRequests = 12;

export interface UndisturbedText {
  readonly tokenIds: readonly number[];
  readonly text: string;
}

let undisturbed: Promise<readonly UndisturbedText[]> | undefined;

/** What each request gives when nothing happens: computed once in a run of tests, which share it. */
export function undisturbedTexts(): Promise<readonly UndisturbedText[]> {
  undisturbed ??= shareUndisturbed();
  return undisturbed;
}

async function shareUndisturbed(): Promise<readonly UndisturbedText[]> {
  const redis = new Redis(inject("redisUrl"));
  try {
    const key = `undisturbed-texts:${inject("runId")}`;
    const known = await redis.get(key);
    if (known !== null) return JSON.parse(known) as UndisturbedText[];
    const texts = await writeUndisturbed();
    await redis.set(key, JSON.stringify(texts), "EX", 3_600);
    return texts;
  } finally {
    redis.disconnect();
  }
}

/** Several at a time: what shares a step does not show in the texts. */
async function writeUndisturbed(): Promise<readonly UndisturbedText[]> {
  await using verifier = await startTestVerifier();
  await using draft = await startTestDraftService([verifier.address]);
  const texts: UndisturbedText[] = [];
  for (let index = 0; index < numRequests; index += 4) {
    const some = [0, 1, 2, 3].map((next) => generateAt(draft.address, requestNumber(index + next)));
    for (const { tokenIds, text } of await Promise.all(some)) texts.push({ tokenIds, text });
  }
  return texts;
}

export interface Disturbance {
  readonly numRuns: number;
  /** Sessions at a time in each run, of each group. */
  readonly numSessions: number;
  /** The disturbance begins so many milliseconds after the run, at most. */
  readonly withinMs: number;
  /** @param begun resolves once every session has its first token */
  disturb(run: number, random: TestRandom, begun: Promise<unknown>): Promise<void>;
}

export interface DisturbedResult {
  /** Sessions that had to be opened again. */
  readonly numReopened: number;
  /** How long each run took, the shortest first. */
  readonly runMs: readonly number[];
}

/**
 * What no run may take longer than, or it hung: so many milliseconds, or where the machine is busy as much
 * more as its usual run takes.
 */
export function hangMs(runMs: readonly number[], quietMs: number): number {
  const median = runMs[runMs.length >> 1] ?? 0;
  return quietMs * Math.max(1, median / usualRunMs);
}

/** What half of the runs take where nothing else runs, with any of the disturbances. */
const usualRunMs = 4_000;

/** Runs sessions, disturbs them at a random moment, and compares each text with its undisturbed one. */
export async function runDisturbed(
  address: string,
  undisturbed: readonly UndisturbedText[],
  disturbance: Disturbance,
): Promise<DisturbedResult> {
  const [result] = await runGroupsDisturbed([() => address], undisturbed, disturbance);
  return result as DisturbedResult;
}

/**
 * The same with several groups of sessions, which one disturbance meets.
 * @param addressOf of each group, the draft service that serves it in this run: [groups]
 * @returns of each group, what it met: [groups]
 */
export async function runGroupsDisturbed(
  addressOf: readonly ((run: number) => string)[],
  undisturbed: readonly UndisturbedText[],
  { numRuns, numSessions, withinMs, disturb }: Disturbance,
): Promise<DisturbedResult[]> {
  const random = createTestRandom(numRuns * 7 + numSessions);
  const results = addressOf.map(() => ({ numReopened: 0, runMs: [] as number[] }));
  for (let run = 0; run < numRuns; run++) {
    const firstTokens: Promise<void>[] = [];
    const groups = results.map(async (result, group) => {
      const startedAt = performance.now();
      const address = addressOf[group]?.(run) ?? "";
      // Groups write different texts.
      const indices = Array.from(
        { length: numSessions },
        (_, i) => (run + group * numSessions + i) % numRequests,
      );
      const generations = indices.map((index) => {
        let onToken = () => {};
        firstTokens.push(
          new Promise((resolve) => {
            onToken = resolve;
          }),
        );
        return generateAt(address, requestNumber(index), undefined, onToken);
      });
      for (const [place, generated] of (await Promise.all(generations)).entries()) {
        const expected = undisturbed[indices[place] as number];
        expect(generated.tokenIds, `run ${run}`).toEqual(expected?.tokenIds);
        expect(generated.text).toBe(expected?.text);
        result.numReopened += generated.finished.statistics.numReopened;
      }
      result.runMs.push(performance.now() - startedAt);
    });
    const finished = Promise.all(groups);
    finished.catch(() => {}); // awaited below, after the disturbance
    await sleep(random.next() * withinMs);
    await disturb(run, random, Promise.all(firstTokens));
    await finished;
  }
  for (const { runMs } of results) runMs.sort((a, b) => a - b);
  return results;
}
