import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSlotBudget, type SlotBudget } from "./slot-budget.ts";

const rowBytes = 3;
const rowBlock = 4;
const blockBytes = rowBytes * rowBlock;

const budgetOf = (numBlocks: number, maxSessions: number) =>
  createSlotBudget({ cacheBytes: numBlocks * blockBytes, maxSessions, rowBytes, rowBlock });

/** Sessions of one block each that have had their first round, in this order. */
function openIdle(budget: SlotBudget, ...sessionIds: readonly string[]): void {
  for (const sessionId of sessionIds) {
    budget.reserve(sessionId, 1);
    budget.release(sessionId);
  }
}

describe("bytes", () => {
  it.each([
    [1, 1],
    [4, 1],
    [5, 2],
    [8, 2],
    [9, 3],
  ])("of %i rows are those of %i blocks", (length, numBlocks) => {
    const budget = budgetOf(10, 4);
    budget.reserve("a", length);
    expect(budget.usedBytes).toBe(numBlocks * blockBytes);
  });

  it("of a session grow with it, never shrink, and go with it", () => {
    const budget = budgetOf(10, 4);
    const used = [3, 9, 2, 13].map((length) => {
      budget.reserve("a", length);
      return budget.usedBytes / blockBytes;
    });
    expect(used).toEqual([1, 3, 3, 4]);
    budget.free("a");
    budget.free("a");
    expect(budget.usedBytes).toBe(0);
  });
});

describe("eviction", () => {
  it("takes the longest idle first, as many as are needed and no more", () => {
    const budget = budgetOf(4, 9);
    openIdle(budget, "a", "b", "c", "d");
    budget.hold("a"); // used again
    budget.release("a");
    expect(budget.reserve("e", 2 * rowBlock)).toEqual(["b", "c"]);
    expect(budget.usedBytes).toBe(4 * blockBytes);
    expect(budget.reserve("f", 1)).toEqual(["d"]);
    budget.release("f");
    expect(budget.reserve("g", 1)).toEqual(["a"]);
  });

  it("makes room for one session more, whatever its bytes", () => {
    const budget = budgetOf(100, 2);
    openIdle(budget, "a", "b");
    expect(budget.reserve("c", 1)).toEqual(["a"]);
  });

  it("leaves sessions alone that work, and those that grow into room there is", () => {
    const budget = budgetOf(3, 9);
    openIdle(budget, "a", "b");
    budget.hold("a");
    expect(budget.reserve("a", rowBlock + 1)).toEqual([]);
    expect(budget.reserve("c", 1)).toEqual(["b"]);
    expect(() => budget.reserve("d", 1)).toThrow("no room for 1 tokens");
  });

  it("never takes a session before its first round", () => {
    const budget = budgetOf(100, 2);
    budget.reserve("a", 1);
    budget.reserve("b", 1);
    expect(() => budget.reserve("c", 1)).toThrow("2 sessions are at work");
    budget.hold("b");
    budget.release("b");
    expect(budget.reserve("c", 1)).toEqual(["b"]);
  });

  it("never takes the session that grows", () => {
    const budget = budgetOf(2, 9);
    openIdle(budget, "a", "b");
    expect(budget.reserve("a", rowBlock + 1)).toEqual(["b"]);
    expect(() => budget.reserve("a", 2 * rowBlock + 1)).toThrow("must fit into the cache");
  });
});

describe("too little room", () => {
  it("is resource_exhausted, says when to ask again, and changes nothing", () => {
    const budget = budgetOf(3, 2);
    budget.reserve("busy", 1);
    openIdle(budget, "idle");
    for (const length of [3 * rowBlock, 2 * rowBlock + 1]) {
      const ask = () => budget.reserve("new", length);
      expect(ask).toThrow(
        expect.objectContaining({
          code: "resource_exhausted",
          retryAfterMs: expect.any(Number),
          message: `the cache of ${3 * blockBytes} bytes has no room for ${length} tokens`,
        }),
      );
    }
    expect(budget.usedBytes).toBe(2 * blockBytes);
    expect(budget.reserve("new", 1)).toEqual(["idle"]); // it was still there to be evicted
  });
});

it("a session that would not fit even alone is out of range, for good", () => {
  const budget = budgetOf(3, 2);
  openIdle(budget, "idle");
  expect(() => budget.reserve("new", 3 * rowBlock + 1)).toThrow(
    expect.objectContaining({
      code: "out_of_range",
      retryAfterMs: undefined,
      message: `the sequence must fit into the cache of ${3 * blockBytes} bytes, and 13 tokens take ${4 * blockBytes}`,
    }),
  );
  expect(budget.usedBytes).toBe(blockBytes);
});

it("never uses more than there is, and exactly what is held", () => {
  const sessionId = fc.constantFrom("a", "b", "c", "d", "e", "f");
  const step = fc.oneof(
    fc.record({ kind: fc.constant("reserve" as const), sessionId, length: fc.nat(30) }),
    fc.record({ kind: fc.constantFrom("hold", "release", "free"), sessionId }),
  );
  const sizes = {
    numBlocks: fc.integer({ min: 1, max: 12 }),
    maxSessions: fc.integer({ min: 1, max: 5 }),
  };
  fc.assert(
    fc.property(fc.record({ ...sizes, steps: fc.array(step, { maxLength: 60 }) }), (run) => {
      const budget = budgetOf(run.numBlocks, run.maxSessions);
      const held = new Map<string, number>();
      const idle = new Set<string>();
      for (const step of run.steps) {
        const { sessionId } = step;
        if ("length" in step) {
          try {
            for (const evicted of budget.reserve(sessionId, step.length)) {
              expect(idle.delete(evicted)).toBe(true);
              expect(held.delete(evicted)).toBe(true);
              expect(evicted).not.toBe(sessionId);
            }
            const numBlocks = Math.ceil(step.length / rowBlock);
            held.set(sessionId, Math.max(held.get(sessionId) ?? 0, numBlocks));
          } catch (error) {
            const fits = Math.ceil(step.length / rowBlock) <= run.numBlocks;
            expect(error).toMatchObject({ code: fits ? "resource_exhausted" : "out_of_range" });
          }
        } else {
          budget[step.kind as "hold" | "release" | "free"](sessionId);
          if (step.kind === "free") held.delete(sessionId);
          if (step.kind === "release" && held.has(sessionId)) idle.add(sessionId);
          else idle.delete(sessionId);
        }
        const numHeld = [...held.values()].reduce((sum, blocks) => sum + blocks, 0);
        expect(budget.usedBytes).toBe(numHeld * blockBytes);
        expect(numHeld).toBeLessThanOrEqual(run.numBlocks);
        expect(held.size).toBeLessThanOrEqual(run.maxSessions);
      }
    }),
    { numRuns: 500 },
  );
});
