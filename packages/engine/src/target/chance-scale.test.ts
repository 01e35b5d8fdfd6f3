import { createTestRandom } from "@adaedl/testing";
import { expect, it } from "vitest";
import { createChanceScale } from "./chance-scale.ts";

/** Forwards with a chain of four whose tokens hold with `truth`, of which the edge says `said`. */
function run(scale: ReturnType<typeof createChanceScale>, truth: number, said: number) {
  const random = createTestRandom(7);
  for (let forward = 0; forward < 1_000; forward++) {
    let numAccepted = 0;
    while (numAccepted < 4 && random.next() < truth) numAccepted++;
    scale.observe(Array(4).fill(said), numAccepted);
  }
  return scale.current;
}

it("takes an edge at its word until it has seen something", () => {
  expect(createChanceScale().current).toBe(1);
});

it("leaves an honest edge what it says, and one that says too little", () => {
  expect(run(createChanceScale(), 0.7, 0.7)).toBeCloseTo(1, 1);
  expect(run(createChanceScale(), 0.9, 0.3)).toBe(1);
});

it("takes a boastful edge for what holds", () => {
  expect(run(createChanceScale(), 0.3, 1)).toBeCloseTo(0.3, 1);
  expect(run(createChanceScale(), 0, 1)).toBeLessThan(0.05);
});

it("forgives what is long past", () => {
  const scale = createChanceScale();
  run(scale, 0, 1);
  const before = scale.current;
  for (let forward = 0; forward < 600; forward++) scale.observe([], 0);
  expect(scale.current).toBeGreaterThan(5 * before);
});
