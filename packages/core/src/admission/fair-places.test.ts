import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FairPlaces, restMs } from "./fair-places.ts";

/** Places of one unit each, all taken at time 0 and at work; a key begins with its client's letter. */
function placesOf(maxPlaces: number, ...keys: readonly string[]): FairPlaces<string> {
  const places = new FairPlaces<string>({ maxPlaces });
  for (const key of keys) take(places, key);
  return places;
}
const take = (places: FairPlaces<string>, key: string, now = 0, amount = 1) =>
  places.take(key, key.slice(0, 1), amount, now);

describe("a place that rests", () => {
  it("is given to its own client at once, what rests longest first", () => {
    const places = placesOf(3, "a1", "a2", "a3");
    places.rest("a2", 10);
    places.rest("a3", 9);
    expect(take(places, "a4", 9)).toEqual(["a3"]);
    expect(take(places, "a5", 9)).toBeUndefined(); // it does not rest yet
    expect(take(places, "a5", 10)).toEqual(["a2"]);
  });

  it("is given to a client that holds more after a while only", () => {
    const places = placesOf(3, "a1", "a2", "b1");
    places.rest("b1", 5);
    expect(places.nextRested(6)).toBe(5 + restMs);
    expect(take(places, "a3", 4 + restMs)).toBeUndefined();
    expect(take(places, "a3", 5 + restMs)).toEqual(["b1"]);
  });

  it("rests from the first time on, until it works again", () => {
    const places = placesOf(1, "a1");
    places.rest("a1", 10);
    places.rest("a1", 20);
    expect(places.canTake("a", 1, 10)).toBe(true);
    places.work("a1");
    expect(places.canTake("a", 1, 10)).toBe(false);
    places.rest("a1", 30);
    expect(places.canTake("a", 1, 29)).toBe(false);
  });
});

describe("a client that holds less", () => {
  it("is given the newest place of the client that holds most, until both hold the same", () => {
    const places = placesOf(5, "a1", "a2", "a3", "b1", "b2");
    expect(take(places, "c1")).toEqual(["a3"]);
    expect(take(places, "c2")).toBeUndefined();
    places.free("b2");
    expect(take(places, "c2")).toEqual([]);
    expect(take(places, "b2")).toBeUndefined();
  });

  it("is given first what rests, though for a moment only", () => {
    const places = placesOf(3, "a1", "a2", "a3");
    places.rest("a2", 1_000);
    expect(take(places, "b1")).toEqual(["a2"]);
  });

  it("has the lesser share of what it has most of", () => {
    const places = new FairPlaces<string>({ maxPlaces: 10, maxAmount: 100 });
    take(places, "a1", 0, 80); // 0.8 of the amount
    for (let index = 1; index <= 4; index++) take(places, `b${index}`, 0, 2);
    expect(places.shareOf("a")).toBe(0.8);
    expect(places.shareOf("b")).toBe(0.4);
    expect(take(places, "c1", 0, 30)).toBeUndefined(); // a would hold less than c
    take(places, "a2", 0, 10);
    expect(take(places, "c1", 0, 10)).toEqual(["a2"]);
  });
});

it("a place that grows makes others give way, and no room is no change", () => {
  const places = new FairPlaces<string>({ maxPlaces: 9, maxAmount: 10 });
  take(places, "a1", 0, 4);
  take(places, "a2", 0, 4);
  expect(take(places, "a1", 0, 8)).toBeUndefined();
  expect(places.amount).toBe(8);
  places.rest("a2", 0);
  places.rest("a1", 0);
  expect(take(places, "a1", 0, 8)).toEqual(["a2"]);
  expect(take(places, "a1", 0, 3)).toEqual([]);
  expect(places.amount).toBe(8);
});

it("one client alone may have every place, and loses none while all of them work", () => {
  const places = placesOf(64, ...Array.from({ length: 64 }, (_, index) => `a${index}`));
  expect(places.size).toBe(64);
  expect(take(places, "a64", 1e9)).toBeUndefined();
  expect(places.nextRested(0)).toBeUndefined();
});

interface Taken {
  readonly client: string;
  amount: number;
  restsFrom: number;
}

const clients = ["a", "b", "c", "d"];
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("take" as const),
      key: fc.nat(11),
      client: fc.constantFrom(...clients),
      amount: fc.nat(6),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("work" as const), key: fc.nat(11) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("rest" as const), key: fc.nat(11) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("free" as const), key: fc.nat(11) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.nat(2_000) }) },
);

it("keeps its rules, whatever happens", () => {
  const run = fc.record({
    maxPlaces: fc.integer({ min: 1, max: 6 }),
    maxAmount: fc.integer({ min: 1, max: 20 }),
    steps: fc.array(step, { maxLength: 80 }),
  });
  fc.assert(
    fc.property(run, ({ maxPlaces, maxAmount, steps }) => {
      const places = new FairPlaces<number>({ maxPlaces, maxAmount });
      const model = new Map<number, Taken>();
      const shareOf = (client: string) => {
        const own = [...model.values()].filter((place) => place.client === client);
        const amount = own.reduce((sum, place) => sum + place.amount, 0);
        return Math.max(own.length / maxPlaces, amount / maxAmount);
      };
      let now = 0;
      for (const event of steps) {
        if (event.kind === "pass") now += event.ms;
        else if (event.kind === "take") {
          const { key } = event;
          const client = model.get(key)?.client ?? event.client;
          const isNew = !model.has(key);
          const canTake = places.canTake(client, event.amount, now);
          const given = places.take(key, client, event.amount, now);
          if (isNew) expect(canTake).toBe(given !== undefined);
          if (given === undefined) continue;
          const wasForced = given.filter((other) => {
            const { client: loser, restsFrom } = model.get(other) as Taken;
            return restsFrom + (loser === client ? 0 : restMs) > now; // not by P2
          });
          const lost = given.map((other) => model.get(other) as Taken);
          for (const other of given) model.delete(other);
          const own = model.get(key) ?? { client, amount: 0, restsFrom: Number.POSITIVE_INFINITY };
          model.set(key, { ...own, amount: Math.max(own.amount, event.amount) });
          if (wasForced.length > 0)
            for (const { client: loser } of lost)
              if (loser !== client && wasForced.length === given.length)
                expect(shareOf(client)).toBeLessThanOrEqual(shareOf(loser) + 1e-9); // P3
          expect(given).not.toContain(key);
        } else {
          const place = model.get(event.key);
          if (event.kind === "free") model.delete(event.key);
          else if (place !== undefined) {
            if (event.kind === "work") place.restsFrom = Number.POSITIVE_INFINITY;
            else if (place.restsFrom === Number.POSITIVE_INFINITY) place.restsFrom = now;
          }
          if (event.kind === "rest") places.rest(event.key, now);
          else places[event.kind](event.key);
        }
        const amount = [...model.values()].reduce((sum, place) => sum + place.amount, 0);
        expect([places.size, places.amount]).toEqual([model.size, amount]);
        expect(places.size).toBeLessThanOrEqual(maxPlaces); // P1
        expect(places.amount).toBeLessThanOrEqual(maxAmount);
        for (const client of clients) expect(places.shareOf(client)).toBeCloseTo(shareOf(client));
      }
    }),
    { numRuns: 2_000 },
  );
});
