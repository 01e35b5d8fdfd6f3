import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createStepFormer, type StepCall } from "./step-former.ts";

interface Call extends StepCall {
  readonly name: string;
}

const never = Number.POSITIVE_INFINITY;

function callOf(client: string, numTokens: number, deadlineAt = never, name = client): Call {
  return { client, numTokens, deadlineAt, name, numSlots: 1 };
}

const calls = (count: number, client: string, numTokens: number) =>
  Array.from({ length: count }, () => callOf(client, numTokens));

const namesOf = (batch: readonly Call[]) => batch.map(({ name }) => name);

const limits = { maxTokens: 512, maxSlots: 8 };

/** Clients that ask again and again. */
interface Load {
  /** Calls that wait whenever a step is formed, for each client. */
  readonly numWaiting: Readonly<Record<string, number>>;
  readonly sizeOf: (client: string) => number;
}

/** Forms steps under a load. @returns tokens that each client was given */
function runUnder(load: Load, numSteps: number, { maxTokens, maxSlots } = limits) {
  const former = createStepFormer({ maxTokens, maxSlots });
  const waiting: Call[] = [];
  const given: Record<string, number> = {};
  for (let step = 0; step < numSteps; step++) {
    for (const [client, count] of Object.entries(load.numWaiting)) {
      const numThere = waiting.filter((call) => call.client === client).length;
      for (let more = numThere; more < count; more++)
        waiting.push(callOf(client, load.sizeOf(client)));
    }
    for (const { client, numTokens } of former.take(waiting))
      given[client] = (given[client] ?? 0) + numTokens;
  }
  return given;
}

describe("clients", () => {
  it("that ask for little get it at once, whatever the others ask for", () => {
    const waiting = [...calls(20, "a", 5), ...calls(2, "b", 5)];
    const batch = createStepFormer(limits).take(waiting);
    expect(namesOf(batch).toSorted()).toEqual(["a", "a", "a", "a", "a", "a", "b", "b"]);
    expect(waiting).toHaveLength(14);
  });

  it("take turns, call by call", () => {
    const waiting = [...calls(9, "a", 5), ...calls(9, "b", 5), ...calls(9, "c", 5)];
    const former = createStepFormer(limits);
    expect(namesOf(former.take(waiting)).join("")).toBe("abcabcab");
    expect(namesOf(former.take(waiting)).join("")).toBe("cabcabca");
    expect(namesOf(former.take(waiting)).join("")).toBe("bcabcabc");
  });

  it("share tokens, not calls", () => {
    const sizeOf = (client: string) => (client === "a" ? 12 : 3);
    const given = runUnder({ numWaiting: { a: 20, b: 20 }, sizeOf }, 100);
    expect(Math.abs((given.a ?? 0) - (given.b ?? 0))).toBeLessThanOrEqual(12);
  });

  it("that ask for less than their share have all of it, beside one with ten times their sessions", () => {
    const former = createStepFormer(limits);
    const waiting: Call[] = [];
    const light = ["b", "c", "d"];
    for (let step = 0; step < 200; step++) {
      const numThere = waiting.filter(({ client }) => client === "a").length;
      waiting.push(...calls(40 - numThere, "a", 5));
      for (const client of light) waiting.push(...calls(1 + (step % 2), client, 5)); // 1.5 of 2
      former.take(waiting);
      expect(waiting.filter(({ client }) => client !== "a")).toEqual([]);
    }
  });

  it.each([
    ["of rounds", 20, 20],
    ["of prompts among rounds", 256, 20],
    ["of prompts among prompts", 256, 256],
  ])("have equal shares beside a flood %s", (_, flood, others) => {
    const sizeOf = (client: string) => (client === "a" ? flood : others);
    const given = runUnder({ numWaiting: { a: 200, b: 8, c: 8, d: 8 }, sizeOf }, 300);
    const mean = Object.values(given).reduce((sum, tokens) => sum + tokens, 0) / 4;
    for (const tokens of Object.values(given))
      expect(Math.abs(tokens - mean)).toBeLessThanOrEqual(256);
  });

  it("that asked for nothing have no credit, and newcomers are not ahead for ever", () => {
    const former = createStepFormer(limits);
    const waiting = [...calls(400, "a", 5), ...calls(1, "back", 5)];
    for (let step = 0; step < 30; step++) former.take(waiting); // "back" was given 5 of 1200
    waiting.push(...calls(100, "back", 5), ...calls(100, "new", 5));
    const batches = Array.from({ length: 6 }, () => former.take(waiting)).flat();
    for (const client of ["a", "back", "new"])
      expect(batches.filter((call) => call.client === client)).toHaveLength(16);
  });

  it("keep their debts when they pause for a step", () => {
    const former = createStepFormer({ maxTokens: 300, maxSlots: 8 });
    const waiting = [callOf("a", 256), ...calls(200, "b", 10)];
    expect(former.take(waiting)[0]?.client).toBe("a");
    former.take(waiting); // without "a"
    waiting.push(callOf("a", 256));
    let numSteps = 0;
    while (waiting.some(({ client }) => client === "a") && numSteps < 100) {
      former.take(waiting);
      numSteps++;
    }
    expect(numSteps).toBeGreaterThan(1);
    expect(numSteps).toBeLessThanOrEqual(8);
  });
});

describe("of a client's own calls", () => {
  const take = (...waiting: Call[]) =>
    namesOf(createStepFormer({ maxTokens: 512, maxSlots: 4 }).take(waiting));

  it("the earliest deadline is first, then those without one, in the order they came", () => {
    const order = [callOf("a", 3, never, "oldest"), callOf("a", 3, never, "first")];
    order.push(callOf("a", 3, 900, "late"), callOf("a", 3, never, "second"));
    order.push(callOf("a", 3, 100, "soon"), callOf("a", 3, 900, "late too"));
    expect(take(...order)).toEqual(["oldest", "soon", "late", "late too"]);
    expect(take(...order.filter(({ name }) => !name.startsWith("late")))).toEqual([
      "oldest",
      "soon",
      "first",
      "second",
    ]);
  });

  it("rounds are before pieces of prompts, however urgent", () => {
    const order = [callOf("a", 1, never, "oldest"), callOf("a", 100, 1, "prompt")];
    order.push(callOf("a", 66, never, "round"), callOf("a", 5, 9, "urgent round"));
    expect(take(...order)).toEqual(["oldest", "urgent round", "round", "prompt"]);
  });

  it("a deadline gains nothing over other clients", () => {
    const former = createStepFormer(limits);
    const waiting = Array.from({ length: 40 }, () => callOf("hasty", 5, 1));
    waiting.push(...calls(40, "calm", 5));
    const batches = Array.from({ length: 5 }, () => former.take(waiting)).flat();
    expect(batches.filter(({ client }) => client === "calm")).toHaveLength(20);
  });
});

describe("a step", () => {
  it("begins with the longest waiting call of the client that was given least, whatever its size", () => {
    const former = createStepFormer({ maxTokens: 100, maxSlots: 4 });
    const waiting = [...calls(30, "a", 20), callOf("b", 400), callOf("b", 1)];
    const sizes = () => former.take(waiting).map(({ numTokens }) => numTokens);
    expect(sizes()).toEqual([20, 1, 20, 20]);
    expect(sizes()).toEqual([400]);
    expect(sizes()).toEqual([20, 20, 20, 20]);
  });

  it("leaves out nothing that fits, nor takes more than it may", () => {
    const clients = fc.constantFrom("a", "b", "c", "d");
    const size = fc.oneof(fc.integer({ min: 1, max: 66 }), fc.integer({ min: 67, max: 400 }));
    const numSlots = fc.integer({ min: 1, max: 3 });
    const call = fc.record({ client: clients, numTokens: size, numSlots, deadlineAt: fc.nat(9) });
    const bounds = {
      maxTokens: fc.integer({ min: 1, max: 600 }),
      maxSlots: fc.integer({ min: 1, max: 9 }),
    };
    const parts = fc.record({ ...bounds, arrivals: fc.array(fc.array(call), { maxLength: 20 }) });
    fc.assert(
      fc.property(parts, ({ maxTokens, maxSlots, arrivals }) => {
        const former = createStepFormer({ maxTokens, maxSlots });
        const waiting: StepCall[] = [];
        for (const arrived of arrivals) {
          waiting.push(...arrived);
          const before = [...waiting];
          const batch = former.take(waiting);
          expect(waiting).toEqual(before.filter((call) => !batch.includes(call)));
          expect(batch.length > 0).toBe(before.length > 0);
          const numTokens = batch.reduce((sum, call) => sum + call.numTokens, 0);
          const numSlots = batch.reduce((sum, call) => sum + call.numSlots, 0);
          if (batch.length > 1) {
            expect(numTokens).toBeLessThanOrEqual(maxTokens);
            expect(numSlots).toBeLessThanOrEqual(maxSlots);
          }
          for (const left of waiting)
            expect(
              numTokens + left.numTokens > maxTokens || numSlots + left.numSlots > maxSlots,
            ).toBe(true);
        }
      }),
    );
  });
});

describe("nobody starves:", () => {
  /** Steps until the call named "it" is taken, while the others ask again and again. */
  function stepsUntilTaken(waiting: Call[], maxTokens: number): number {
    const former = createStepFormer({ maxTokens, maxSlots: 64 });
    for (let step = 1; step <= 1_000; step++) {
      const batch = former.take(waiting);
      if (batch.some(({ name }) => name === "it")) return step;
      for (const call of batch) waiting.push({ ...call });
    }
    return never;
  }

  it("a piece of a prompt of a client whose rounds alone would fill every step", () => {
    const waiting = [...calls(100, "a", 10), callOf("a", 256, never, "it")];
    waiting.push(...calls(10, "b", 10));
    expect(stepsUntilTaken(waiting, 512)).toBeLessThanOrEqual(25);
  });

  it("a call without a deadline among those with one", () => {
    const waiting = Array.from({ length: 200 }, () => callOf("a", 10, 1));
    waiting.push(callOf("a", 10, never, "it"));
    expect(stepsUntilTaken(waiting, 100)).toBeLessThanOrEqual(201);
  });

  it("a large call of a client whose small ones get more than its share", () => {
    // Two others' calls do not fit side by side: what they leave is more than each of them gets.
    const waiting = [...calls(4, "b", 256), ...calls(4, "c", 256), ...calls(30, "a", 20)];
    waiting.push(callOf("a", 256, never, "it"));
    expect(stepsUntilTaken(waiting, 500)).toBeLessThanOrEqual(200);
  });
});

it("a client that always wants more is never more than one call short of an equal share", () => {
  const longest = 256;
  const load = fc.record({
    numWaiting: fc.array(fc.integer({ min: 8, max: 60 }), { minLength: 2, maxLength: 8 }),
    promptShare: fc.double({ min: 0, max: 1, noNaN: true }),
    maxTokens: fc.integer({ min: 2 * longest, max: 4 * longest }),
    maxSlots: fc.constantFrom(4, 8),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(load, ({ numWaiting, promptShare, maxTokens, maxSlots, seed }) => {
      const random = randomFrom(seed);
      const draw = (min: number, max: number) => min + Math.floor(random() * (max + 1 - min));
      const sizeOf = () => (random() < promptShare ? draw(67, longest) : draw(1, 20));
      const former = createStepFormer({ maxTokens, maxSlots });
      const waiting: Call[] = [];
      const given = numWaiting.map(() => 0);
      const missing = [...numWaiting];
      let shortfall = 0;
      for (let step = 0; step < 200; step++) {
        for (const [client, count] of missing.entries())
          for (let more = 0; more < count; more++)
            waiting.push(callOf(String(client), sizeOf(), draw(step, step + 100)));
        missing.fill(0);
        for (const call of former.take(waiting)) {
          given[Number(call.client)] = (given[Number(call.client)] ?? 0) + call.numTokens;
          missing[Number(call.client)] = (missing[Number(call.client)] ?? 0) + 1;
        }
        const mean = given.reduce((sum, tokens) => sum + tokens, 0) / given.length;
        shortfall = Math.max(shortfall, mean - Math.min(...given));
      }
      expect(shortfall).toBeLessThanOrEqual(longest);
    }),
    { numRuns: 40, seed: 1 },
  );
});

/** A linear congruential generator: the same numbers for the same seed, from 0 up to 1. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
