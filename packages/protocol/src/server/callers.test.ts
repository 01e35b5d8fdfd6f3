import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Callers } from "./callers.ts";

const bounds = { maxAddressConnections: 3, maxAddressCalls: 10 };

function setUp() {
  let now = 0;
  const callers = new Callers(bounds, () => now);
  return { callers, wait: (ms: number) => (now += ms) };
}

test("an address has so many connections at a time, and others have theirs", () => {
  const { callers } = setUp();
  const addresses = ["a", "a", "a", "a", "::1"];
  expect(addresses.map((address) => callers.connect(address))).toEqual([
    ...[true, true, true, false],
    true,
  ]);
  callers.disconnect("a");
  expect(callers.connect("a")).toBe(true);
});

describe("calls", () => {
  test("beyond the rate are refused, and so are connections for a second", () => {
    const { callers, wait } = setUp();
    for (const address of ["a", "b"]) callers.connect(address);
    for (let call = 0; call < 19; call++) expect(callers.call("a")).toBe(true);
    expect(callers.call("a")).toBe(false);
    expect(callers.call("b")).toBe(true);
    wait(999);
    expect(callers.connect("a")).toBe(false);
    wait(1);
    expect(callers.connect("a")).toBe(true);
  });

  test("count together where they are counted late", () => {
    const { callers, wait } = setUp();
    expect(callers.call("a", 15)).toBe(true);
    expect(callers.call("a", 6)).toBe(false);
    wait(1_000);
    expect(callers.call("a", 10)).toBe(true);
  });

  test("are earned again by waiting", () => {
    const { callers, wait } = setUp();
    callers.connect("a");
    for (let second = 0; second < 5; second++) {
      for (let call = 0; call < 10; call++) expect(callers.call("a")).toBe(true);
      wait(1_000);
    }
  });

  test("are at most what was had at once and what was earned, whatever the schedule", () => {
    const step = fc.record({ waitMs: fc.nat(500), isConnect: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const { callers, wait } = setUp();
        let [ms, numTaken, numConnections] = [0, 0, 0];
        for (const { waitMs, isConnect } of steps) {
          wait(waitMs);
          ms += waitMs;
          if (isConnect ? callers.connect("a") : callers.call("a")) {
            numTaken++;
            if (isConnect) numConnections++;
          }
          expect(numConnections).toBeLessThanOrEqual(bounds.maxAddressConnections);
        }
        expect(numTaken).toBeLessThanOrEqual(20 + ms / 100);
      }),
    );
  });
});

test("a hundred thousand addresses leave nothing behind", () => {
  const { callers, wait } = setUp();
  for (let address = 0; address < 100_000; address++) {
    callers.connect(String(address));
    callers.disconnect(String(address));
    wait(10);
  }
  expect(callers.size).toBeLessThan(1_300);
});
