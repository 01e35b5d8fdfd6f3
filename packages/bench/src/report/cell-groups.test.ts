import { expect, it } from "vitest";
import { groupCells } from "./cell-groups.ts";
import { cell } from "./comparison.cases.ts";
import { fastestOf, relativeSpeed } from "./relative-speed.ts";

it("groups by hardware or by network, ordered, and policies by what they are", () => {
  const cells = ["oracle", "stream", "static:10", "adaedl", "static:2", "best-static", "none"]
    .map((policy) => ({ ...cell, policy }))
    .flatMap((one) => [{ ...one, rttMs: 100 }, one]);
  const [group, ...others] = groupCells(cells, "hardware");
  expect(others).toEqual([]);
  expect(group?.title).toBe("storyteller · laptop · T = 0.7");
  const networks = groupCells(cells, "network");
  expect(networks.map(({ title }) => title)).toEqual([
    "storyteller · laptop · T = 0.7 · RTT 20 ms",
    "storyteller · laptop · T = 0.7 · RTT 100 ms",
  ]);
  expect(networks[0]?.cells.map(({ policy }) => policy)).toEqual([
    "none",
    "static:2",
    "static:10",
    "best-static",
    "adaedl",
    "stream",
    "oracle",
  ]);
});

it("keeps apart what was verified differently, and says so only then", () => {
  const cells = [cell, { ...cell, verification: "rejection" as const }];
  expect(groupCells(cells, "hardware").map(({ title }) => title)).toEqual([
    "storyteller · laptop · T = 0.7 · shared-noise",
    "storyteller · laptop · T = 0.7 · rejection",
  ]);
});

it("compares with the baselines that were measured, and does not count the oracle as a winner", () => {
  const adaedl = { ...cell, policy: "adaedl", tokensPerSecond: 50 };
  const oracle = { ...cell, policy: "oracle", tokensPerSecond: 80 };
  const group = [cell, adaedl, oracle];
  expect(relativeSpeed(adaedl, group)).toEqual({ timesPlain: 2.5, timesBestStatic: undefined });
  expect(fastestOf(group)).toBe(adaedl);
});
