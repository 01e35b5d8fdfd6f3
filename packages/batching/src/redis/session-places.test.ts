import { expect, test } from "vitest";
import { createSessionPlaces } from "./session-places.ts";

test("counts each client's sessions, and forgets who has none", () => {
  const places = createSessionPlaces();
  expect(places.add("a1", "a")).toBe(1);
  expect(places.add("a2", "a")).toBe(2);
  expect(places.add("a2", "a")).toBe(2); // once more
  expect(places.add("b1", "b")).toBe(1);
  places.remove("a1");
  places.remove("a1");
  expect(places.add("a3", "a")).toBe(2);
});

test("knows who has a session, until it ends", () => {
  const places = createSessionPlaces();
  for (const [sessionId, workerId] of [
    ["s1", "w1"],
    ["s2", "w1"],
    ["s3", "w2"],
  ] as const) {
    places.add(sessionId, "c");
    places.place(sessionId, workerId);
  }
  expect(places.workerOf("s1")).toBe("w1");
  expect(places.remove("s1")).toBe("w1");
  expect(places.workerOf("s1")).toBeUndefined();
  expect(places.remove("s1")).toBeUndefined();
  expect([places.workerOf("s2"), places.workerOf("s3")]).toEqual(["w1", "w2"]);
});
