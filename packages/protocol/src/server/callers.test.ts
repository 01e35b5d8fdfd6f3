import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Callers } from "./callers.ts";

const bounds = { maxAddressConnections: 3, maxAddressCalls: 10 };

function setUp() {
  let now = 0;
  const closed: string[] = [];
  const callers = new Callers(bounds, () => now);
  const connect = (peer: string) =>
    callers.connect(peer, {
      destroy() {
        closed.push(peer);
        callers.disconnect(peer);
      },
    });
  return { callers, closed, connect, wait: (ms: number) => (now += ms) };
}

test("an address has so many connections at a time, and others have theirs", () => {
  const { callers, connect } = setUp();
  expect(["a:1", "a:2", "a:3", "a:4", "::1:1"].map(connect)).toEqual([
    true,
    true,
    true,
    false,
    true,
  ]);
  callers.disconnect("a:2");
  expect(connect("a:5")).toBe(true);
});

describe("calls", () => {
  test("beyond the rate close the connection they come on, and no other", () => {
    const { callers, closed, connect } = setUp();
    for (const peer of ["a:1", "a:2", "b:1"]) connect(peer);
    for (let call = 0; call < 48; call++) callers.call("a:1"); // and two connections
    callers.call("b:1");
    expect(closed).toEqual([]);
    callers.call("a:1");
    expect(closed).toEqual(["a:1"]);
    expect(connect("a:3")).toBe(false);
  });

  test("are earned again by waiting", () => {
    const { callers, closed, connect, wait } = setUp();
    connect("a:1");
    for (let second = 0; second < 5; second++) {
      for (let call = 0; call < 10; call++) callers.call("a:1");
      wait(1_000);
    }
    expect(closed).toEqual([]);
  });

  test("are at most what was had at once and what was earned, whatever the schedule", () => {
    const step = fc.record({ waitMs: fc.nat(500), port: fc.nat(5), isConnect: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const { callers, closed, connect, wait } = setUp();
        const open = new Set<string>();
        let [ms, numTaken] = [0, 0];
        for (const { waitMs, port, isConnect } of steps) {
          wait(waitMs);
          ms += waitMs;
          const peer = `a:${port}`;
          const before = closed.length;
          if (isConnect && !open.has(peer) && connect(peer)) {
            open.add(peer);
            numTaken++;
          } else if (open.has(peer)) {
            callers.call(peer);
            if (closed.length > before) open.delete(peer);
            else numTaken++;
          }
          expect(open.size).toBeLessThanOrEqual(bounds.maxAddressConnections);
        }
        expect(numTaken).toBeLessThanOrEqual(50 + ms / 100);
      }),
    );
  });
});

test("a hundred thousand addresses leave nothing behind", () => {
  const { callers, connect, wait } = setUp();
  for (let address = 0; address < 100_000; address++) {
    connect(`${address}:1`);
    callers.disconnect(`${address}:1`);
    wait(10);
  }
  expect(callers.size).toBeLessThan(1_600);
});
