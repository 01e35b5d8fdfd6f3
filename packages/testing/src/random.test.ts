import { expect, test } from "vitest";
import { createTestRandom } from "./random.ts";

test("the same seed gives the same numbers, another seed others", () => {
  const draw = (seed: number) => {
    const random = createTestRandom(seed);
    return [random.next(), random.normal(), random.integer(1000)];
  };
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

test("uniform and normal numbers have their mean and variance", () => {
  const random = createTestRandom(3);
  const numDraws = 20_000;
  const uniforms = Array.from({ length: numDraws }, () => random.next());
  const normals = Array.from({ length: numDraws }, () => random.normal());
  expect(uniforms.every((value) => value >= 0 && value < 1)).toBe(true);
  expect(mean(uniforms)).toBeCloseTo(0.5, 2);
  expect(mean(uniforms.map((value) => value ** 2))).toBeCloseTo(1 / 3, 2);
  expect(Math.abs(mean(normals))).toBeLessThan(0.03);
  expect(Math.abs(mean(normals.map((value) => value ** 2)) - 1)).toBeLessThan(0.04);
});

test("integers cover the range evenly", () => {
  const random = createTestRandom(4);
  const counts = [0, 0, 0];
  for (let i = 0; i < 3000; i++) {
    const value = random.integer(3);
    counts[value] = (counts[value] ?? 0) + 1;
  }
  expect(counts).toHaveLength(3);
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(100);
  expect(() => random.integer(0)).toThrow(
    new RangeError("maxExclusive must be an integer from 1 to 2^32, got 0"),
  );
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
