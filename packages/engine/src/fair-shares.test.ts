import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFairShares } from "./fair-shares.ts";

const setOf = (...clients: string[]) => new Set(clients);

describe("a client", () => {
  it("counts what it was given", () => {
    const shares = createFairShares();
    for (const amount of [3, 0, 4]) shares.charge("a", amount);
    shares.charge("b", 5);
    expect(["a", "b", "c"].map(shares.countOf)).toEqual([7, 5, 0]);
  });

  it("that comes, or comes back, is level with the lowest of those that wait: no credit", () => {
    const shares = createFairShares();
    shares.charge("back", 2);
    shares.charge("a", 30);
    shares.charge("b", 40);
    shares.settle(setOf("a", "b"));
    expect(["new", "back", "a", "b"].map(shares.countOf)).toEqual([30, 30, 30, 40]);
  });

  it("keeps a debt through a pause, until the others have had as much", () => {
    const shares = createFairShares();
    shares.charge("debtor", 100);
    shares.charge("a", 10);
    shares.settle(setOf("a"));
    expect(shares.countOf("debtor")).toBe(100);
    shares.charge("a", 89);
    shares.settle(setOf("a"));
    expect(shares.countOf("debtor")).toBe(100);
    shares.charge("a", 10);
    shares.settle(setOf("a"));
    expect(shares.countOf("debtor")).toBe(109);
  });

  it("owes nothing once nobody waits", () => {
    const shares = createFairShares();
    shares.charge("a", 100);
    shares.charge("b", 10);
    shares.settle(setOf());
    expect(["a", "b", "c"].map(shares.countOf)).toEqual([0, 0, 0]);
    expect(shares.numClients).toBe(0);
  });

  it("whose calls are left waiting loses nothing to newcomers", () => {
    const shares = createFairShares();
    shares.charge("a", 10);
    for (let turn = 0; turn < 5; turn++) {
      shares.settle(setOf("a", "left"));
      shares.charge(`newcomer ${turn}`, 7);
      expect(shares.countOf("left")).toBe(0);
    }
  });
});

it("remembers those that wait, and no more than 1024 debts", () => {
  const shares = createFairShares();
  const names = Array.from({ length: 5_000 }, (_, index) => `client ${index}`);
  for (const name of names) shares.charge(name, 5);
  const waiting = new Set(names.slice(0, 100));
  shares.charge("lowest", 1);
  waiting.add("lowest");
  shares.settle(waiting);
  expect(shares.numClients).toBe(1024 + 100);
  expect(shares.countOf("client 50")).toBe(5);
  for (let turn = 0; turn < 10; turn++) shares.charge("lowest", 1);
  shares.settle(setOf("lowest"));
  expect(shares.numClients).toBe(0); // a client that waits alone is level with itself
  expect(shares.countOf("lowest")).toBe(11);
});

it("keeps clients that always want more within one service of each other", () => {
  const amounts = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), amounts, (numClients, amounts) => {
      const shares = createFairShares();
      const clients = Array.from({ length: numClients }, (_, index) => `client ${index}`);
      const given = new Map(clients.map((client) => [client, 0]));
      for (const amount of amounts) {
        const next = clients.toSorted((a, b) => shares.countOf(a) - shares.countOf(b))[0] as string;
        shares.charge(next, amount);
        given.set(next, (given.get(next) ?? 0) + amount);
        shares.settle(new Set(clients));
        const all = [...given.values()];
        expect(Math.max(...all) - Math.min(...all)).toBeLessThanOrEqual(50);
      }
    }),
  );
});
