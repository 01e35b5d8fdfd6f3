import { describe, expect, test } from "vitest";
import { createPolicyMemory } from "../stopping/policy-context.ts";
import { type ChanceModel, createEntropyChances } from "./chances.ts";
import { createLearntChances } from "./learnt-chances.ts";
import { type SimulatedPlace, simulatePlaces } from "./places.cases.ts";

const newChances = () => createLearntChances(0.2, "", undefined);

/** What the model says of each place before it hears of the token there. */
function play(model: ChanceModel, places: readonly SimulatedPlace[]): (readonly number[])[] {
  return places.map(({ place, tokenId }) => {
    const chances = model.chancesOf(place);
    model.observe(place, tokenId);
    return chances;
  });
}

/** Mean surprise, in nats, at the rank of the target's token. */
function logLoss(chances: readonly (readonly number[])[], places: readonly SimulatedPlace[]) {
  const losses = chances.map((ofPlace, index) => {
    const rest = 1 - ofPlace.reduce((sum, chance) => sum + chance, 0);
    return -Math.log(ofPlace[places[index]?.rank ?? -1] ?? rest);
  });
  return mean(losses);
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

test("before anything is observed they are those of the entropy", () => {
  const [learnt, entropy] = [newChances(), createEntropyChances(0.2)];
  for (const { place } of simulatePlaces(1, 50))
    learnt.chancesOf(place).forEach((chance, rank) => {
      expect(chance).toBeCloseTo(entropy.chancesOf(place)[rank] as number, 9);
    });
});

// The nearer the draft model is to the target, the more often its first candidate holds.
describe.each([0.3, 0.7, 1.5])("a pair of distance %f", (distance) => {
  const places = simulatePlaces(7, 3_000, { distance });
  const chances = play(newChances(), places);
  const settled = 500;

  test("what is said to be so likely happens so often, at every rank", () => {
    const cases = chances.slice(settled).flatMap((ofPlace, index) =>
      ofPlace.map((chance, rank) => {
        const isHit = places[settled + index]?.rank === rank;
        return { chance, rank, hit: isHit ? 1 : 0 };
      }),
    );
    const isCalibrated = (group: typeof cases, tolerance: number) => {
      const said = mean(group.map(({ chance }) => chance));
      expect(Math.abs(said - mean(group.map(({ hit }) => hit)))).toBeLessThan(tolerance);
    };
    for (const rank of [0, 1, 2])
      isCalibrated(
        cases.filter((one) => one.rank === rank),
        0.02,
      );
    for (let bin = 0; bin < 10; bin++) {
      const group = cases.filter(({ chance }) => Math.floor(chance * 10) === bin);
      if (group.length >= 150) isCalibrated(group, 0.08);
    }
  });

  test("they say more than the entropy alone, and soon", () => {
    const byEntropy = play(createEntropyChances(0.2), places);
    const lossOf = (of: typeof chances, from: number, to: number) =>
      logLoss(of.slice(from, to), places.slice(from, to));
    expect(lossOf(chances, 50, 200)).toBeLessThan(lossOf(byEntropy, 50, 200));
    expect(lossOf(chances, settled, 3_000)).toBeLessThan(0.93 * lossOf(byEntropy, settled, 3_000));
  });
});

test("the lead of the first candidate decides, once it is known what it says", () => {
  const model = newChances();
  const places = simulatePlaces(3, 400);
  play(model, places);
  const [certain, doubtful] = [6, 0.05].map((lead) => {
    const candidates = [0, lead, lead + 1].map((behind, tokenId) => ({
      tokenId,
      behind,
      prob: 0.3,
    }));
    return model.chancesOf({ entropy: 1.2, topProb: 0.3, candidates });
  });
  expect(certain?.[0]).toBeGreaterThan(0.9);
  expect(doubtful?.[0]).toBeLessThan(0.6);
  expect(doubtful?.[1]).toBeGreaterThan(0.3);
});

test("a session begins with what others have learnt, and texts of another kind do not mix", () => {
  const memory = createPolicyMemory();
  const places = simulatePlaces(5, 500);
  const first = places.slice(0, 400);
  const second = places.slice(400);
  play(createLearntChances(0.2, "a", memory), first);
  const lossAs = (key: string) =>
    logLoss(play(createLearntChances(0.2, key, memory), second), second);
  expect(lossAs("a")).toBeLessThan(0.9 * lossAs("b"));
});

test("of places behind masks they are learnt apart from others", () => {
  const model = newChances();
  const near = simulatePlaces(5, 1_000, { distance: 0.3 });
  // What is said behind masks has nothing to do with the token there, but looks just as sure.
  for (const [index, { place, tokenId }] of near.entries()) {
    model.observe(place, tokenId);
    const other = near[(index + 1) % near.length]?.tokenId as number;
    for (const numMasks of [1, 3]) model.observe({ ...place, numMasks }, other);
  }
  const firstChances = (numMasks: number) =>
    mean(near.map(({ place }) => model.chancesOf({ ...place, numMasks })[0] as number));
  expect(firstChances(0)).toBeGreaterThan(0.6);
  expect(firstChances(1)).toBeLessThan(firstChances(0) / 2);
  expect(firstChances(3)).toBeLessThan(firstChances(1));
});
