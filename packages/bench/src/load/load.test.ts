import { examplePair, examplePairNames, examplePrompts } from "@adaedl/example-models";
import { beforeAll, expect, test } from "vitest";
import { compareLoad, type LoadRow } from "./compare-load.ts";

/** A sample of what docs/results.md claims; the same on every machine. */
let rows: readonly LoadRow[];

beforeAll(async () => {
  const workloads = examplePairNames.map((pair) => ({
    ...{ pair, ...examplePair(pair), numTokens: 128 },
    prompts: examplePrompts(pair).slice(0, 8),
  }));
  const conditions = {
    ...{ policies: ["none", "stream"], sessionCounts: [1, 4, 16], temperature: 0.7 },
    costs: { draftMs: 6, verifyBaseMs: 30, verifyTokenMs: 1, rttMs: 40 },
  };
  const times = { warmUpMs: 20_000, measuredMs: 20_000 };
  rows = await compareLoad(workloads, { ...conditions, ...times }, new AbortController().signal);
}, 300_000);

function ratios(numSessions: number) {
  const of = (policy: string) =>
    rows.find((row) => row.policy === policy && row.numSessions === numSessions) as LoadRow;
  const plain = of("none");
  const stream = of("stream");
  return {
    speed: stream.tokensPerSecond / plain.tokensPerSecond,
    targetMs: stream.targetMsPerToken / plain.targetMsPerToken,
    gap: stream.gapMs / plain.gapMs,
  };
}

test.each([
  [1, 1.1],
  [4, 1.2],
  [16, 1.1],
])("%s sessions on one target get more from it by streams than plainly", (count, leastSpeed) => {
  const { speed, targetMs, gap } = ratios(count);
  console.info(`${count}: ${speed.toFixed(3)}, ${targetMs.toFixed(3)}, ${gap.toFixed(2)}`);
  expect(speed).toBeGreaterThan(leastSpeed);
  expect(targetMs).toBeLessThan(0.98);
  expect(gap).toBeLessThan(1.6);
});

test("plainly, each session has one row in every forward", () => {
  const [one, four] = rows.filter(({ policy }) => policy === "none");
  expect(one?.targetMsPerToken).toBeCloseTo(30, 0);
  expect(four?.targetMsPerToken).toBeCloseTo((30 + 3) / 4, 0);
  expect(four?.gapMs).toBe(33);
});
