import { expect, test } from "vitest";
import { createHeldSessions } from "./held-sessions.ts";

test("a session is forgotten when nothing comes for it, unless it is being opened, however long that takes", () => {
  const released: string[] = [];
  const atWork = new Set(["long prompt"]);
  const sessions = createHeldSessions(
    3,
    (sessionId) => released.push(sessionId),
    (sessionId) => atWork.has(sessionId),
  );
  for (const sessionId of ["idle", "asked for", "long prompt"]) sessions.hold(sessionId, "i");
  for (let tick = 0; tick < 20; tick++) {
    sessions.touch("asked for");
    sessions.tick();
  }
  expect(released).toEqual(["idle"]);
  atWork.clear();
  for (let tick = 0; tick < 8; tick++) sessions.tick();
  expect(released.toSorted()).toEqual(["asked for", "idle", "long prompt"]);
});
