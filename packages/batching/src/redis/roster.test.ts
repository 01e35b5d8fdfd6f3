import { expect, test } from "vitest";
import type { Beat } from "./messages.ts";
import { createRoster } from "./roster.ts";

const beat = (id: string, fields: Partial<Beat> = {}): Beat => {
  return {
    id,
    numLosses: 0,
    kind: "k",
    facts: null,
    numSessions: 0,
    numPlaces: 1,
    numQueued: 0,
    numForwards: 0,
    ...fields,
  };
};

function followed(leaseTicks = 3, accepts?: (beat: Beat) => boolean) {
  const events: string[] = [];
  const roster = createRoster({
    leaseTicks,
    ...(accepts === undefined ? {} : { accepts }),
    onFound: ({ id }) => events.push(`found ${id}`),
    onLost: (id) => events.push(`lost ${id}`),
    onLosses: (id) => events.push(`losses ${id}`),
  });
  const tick = (count: number) => {
    for (let i = 0; i < count; i++) roster.tick();
  };
  return { roster, events, tick };
}

test("a member is there while its beats are heard, and lost when its lease has run out", () => {
  const { roster, events, tick } = followed();
  for (let i = 0; i < 5; i++) {
    roster.hear(beat("a"));
    tick(2);
  }
  expect(events).toEqual(["found a"]);
  tick(1);
  expect(events).toEqual(["found a", "lost a"]);
  expect(roster.members.size).toBe(0);
  roster.hear(beat("a")); // a zombie is a newcomer
  expect(events.at(-1)).toBe("found a");
});

test("the last word counts at once, also of somebody who was never heard", () => {
  const { roster, events } = followed();
  roster.hear(beat("a", { isLeaving: true }));
  roster.hear(beat("b"));
  roster.hear(beat("b", { isLeaving: true }));
  expect(events).toEqual(["found b", "lost b"]);
});

test("who is expected has a lease to be heard in, and is lost else", () => {
  const { roster, events, tick } = followed();
  for (const id of ["a", "b"]) roster.expect(id);
  tick(2);
  roster.hear(beat("a"));
  roster.expect("b"); // the lease goes on
  tick(1);
  expect(events).toEqual(["found a", "lost b"]);
  expect([...roster.members.keys()]).toEqual(["a"]);
  roster.expect("a"); // no news
  tick(2);
  expect(events).toEqual(["found a", "lost b", "lost a"]);
});

test("losses are told once for each change", () => {
  const { roster, events } = followed();
  for (const numLosses of [2, 2, 3, 3]) roster.hear(beat("a", { numLosses }));
  expect(events).toEqual(["found a", "losses a"]);
});

test("nobody is lost in the time in which nobody could be heard", () => {
  const { roster, events, tick } = followed();
  roster.hear(beat("a"));
  tick(2);
  roster.pardon();
  tick(20 + 2);
  expect(events).toEqual(["found a"]);
  tick(1);
  expect(events).toEqual(["found a", "lost a"]);
});

test("who is not accepted is not there, and may be later", () => {
  let kind = "k";
  const { roster } = followed(3, (other) => other.kind === kind);
  roster.hear(beat("a", { kind: "other" }));
  expect(roster.members.size).toBe(0);
  kind = "other";
  roster.hear(beat("a", { kind: "other" }));
  expect([...roster.members.keys()]).toEqual(["a"]);
});

test("what is no beat is ignored, and no more than some thousands are followed", () => {
  const { roster } = followed();
  for (const junk of [null, 1, "a", {}, { id: "a" }, beat("", {}), beat("a", { numPlaces: -1 })])
    roster.hear(junk);
  expect(roster.members.size).toBe(0);
  for (let i = 0; i < 10_000; i++) roster.hear(beat(`m${i}`));
  expect(roster.members.size).toBe(4_096);
});
