import { expect, test } from "vitest";
import { createAdmission, idleMs } from "./admission.ts";

function admissionOf(maxSessions: number, maxClientTokens = 1_000) {
  const clock = { now: 0 };
  const limits = { maxSessions, maxClientTokens };
  return { clock, admission: createAdmission(limits, () => clock.now) };
}

test("sessions are admitted up to their number, and again when one has ended", () => {
  const { admission } = admissionOf(2);
  const first = admission.admit("a", 10);
  admission.admit("a", 10);
  expect(() => admission.admit("a", 10)).toThrow(
    expect.objectContaining({
      ...{ code: "resource_exhausted", message: "2 sessions are running", field: "sessions" },
      retryAfterMs: expect.any(Number),
    }),
  );
  first.release();
  first.release();
  expect(admission.numSessions).toBe(1);
  admission.admit("a", 10);
});

test("a client with all places gives up half of them to another one, which is told apart from the rest", () => {
  const { admission } = admissionOf(64);
  const held = Array.from({ length: 64 }, () => admission.admit("many", 1));
  for (let count = 0; count < 32; count++) admission.admit("few", 1);
  expect(() => admission.admit("few", 1)).toThrow("64 sessions are running");
  const lost = held.filter(({ lost }) => lost.aborted);
  expect(lost).toHaveLength(32);
  expect(lost[0]?.lost.reason).toMatchObject({
    ...{ code: "resource_exhausted", field: "sessions", retryAfterMs: expect.any(Number) },
    message: "one of 64 sessions had to make room for another client's",
  });
  expect(admission.numSessions).toBe(64);
  for (const place of held) place.release();
  expect(admission.numSessions).toBe(32);
});

test("a session that waits for its client for seconds makes room for those of the same client", () => {
  const { clock, admission } = admissionOf(1);
  const first = admission.admit("a", 1);
  first.rest();
  clock.now = idleMs - 1;
  first.rest(); // it was at rest already
  expect(() => admission.admit("a", 1)).toThrow("1 sessions are running");
  clock.now = idleMs;
  const second = admission.admit("a", 1);
  expect(first.lost.aborted).toBe(true);
  second.rest();
  second.work();
  clock.now += 2 * idleMs;
  expect(() => admission.admit("a", 1)).toThrow("1 sessions are running");
});

test("tokens are counted per client, those of a session that lost its place until it has ended", () => {
  const { admission } = admissionOf(1, 10);
  expect(() => admission.admit("a", 11)).toThrow(expect.objectContaining({ code: "out_of_range" }));
  const place = admission.admit("a", 8);
  expect(() => admission.admit("a", 3)).toThrow(
    "tokens of client a must be at most 10 at a time: 8 are running, 3 more were asked for",
  );
  place.release();
  admission.admit("a", 10).release();
  admission.drain();
  expect(() => admission.admit("b", 1)).toThrow(expect.objectContaining({ code: "unavailable" }));
});
