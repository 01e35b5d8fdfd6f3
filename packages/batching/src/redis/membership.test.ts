import { expect, test } from "vitest";

import { type Member, Membership } from "./membership.ts";

const heartbeat = (id: string, fields: Partial<Member> = {}): Member => {
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

function followed(leaseTicks = 3, accepts?: (member: Member) => boolean) {
  const events: string[] = [];
  const members = new Membership({
    leaseTicks,
    ...(accepts === undefined ? {} : { accepts }),
    onFound: ({ id }) => events.push(`found ${id}`),
    onLost: (id) => events.push(`lost ${id}`),
    onLosses: (id) => events.push(`losses ${id}`),
  });
  const tick = (count: number) => {
    for (let i = 0; i < count; i++) members.tick();
  };
  return { members, events, tick };
}

test("a member is there while its heartbeats arrive, and lost when its lease has run out", () => {
  const { members, events, tick } = followed();
  for (let i = 0; i < 5; i++) {
    members.receive(heartbeat("a"));
    tick(2);
  }
  expect(events).toEqual(["found a"]);
  tick(1);
  expect(events).toEqual(["found a", "lost a"]);
  expect(members.members.size).toBe(0);
  members.receive(heartbeat("a")); // a zombie is a newcomer
  expect(events.at(-1)).toBe("found a");
});

test("the last word counts at once, also of somebody who was never heard", () => {
  const { members, events } = followed();
  members.receive(heartbeat("a", { isLeaving: true }));
  members.receive(heartbeat("b"));
  members.receive(heartbeat("b", { isLeaving: true }));
  expect(events).toEqual(["found b", "lost b"]);
});

test("who is expected has a lease to be heard in, and is lost else", () => {
  const { members, events, tick } = followed();
  for (const id of ["a", "b"]) members.expect(id);
  tick(2);
  members.receive(heartbeat("a"));
  members.expect("b"); // the lease goes on
  tick(1);
  expect(events).toEqual(["found a", "lost b"]);
  expect([...members.members.keys()]).toEqual(["a"]);
  members.expect("a"); // no news
  tick(2);
  expect(events).toEqual(["found a", "lost b", "lost a"]);
});

test("losses are told once for each change", () => {
  const { members, events } = followed();
  for (const numLosses of [2, 2, 3, 3]) members.receive(heartbeat("a", { numLosses }));
  expect(events).toEqual(["found a", "losses a"]);
});

test("nobody is lost in the time in which nobody could be heard", () => {
  const { members, events, tick } = followed();
  members.receive(heartbeat("a"));
  tick(2);
  members.renewLeases();
  tick(20 + 2);
  expect(events).toEqual(["found a"]);
  tick(1);
  expect(events).toEqual(["found a", "lost a"]);
});

test("who is not accepted is not there, and may be later", () => {
  let kind = "k";
  const { members } = followed(3, (other) => other.kind === kind);
  members.receive(heartbeat("a", { kind: "other" }));
  expect(members.members.size).toBe(0);
  kind = "other";
  members.receive(heartbeat("a", { kind: "other" }));
  expect([...members.members.keys()]).toEqual(["a"]);
});

test("what is no heartbeat is ignored, and no more than some thousands are followed", () => {
  const { members } = followed();
  for (const junk of [
    null,
    1,
    "a",
    {},
    { id: "a" },
    heartbeat("", {}),
    heartbeat("a", { numPlaces: -1 }),
  ])
    members.receive(junk);
  expect(members.members.size).toBe(0);
  for (let i = 0; i < 10_000; i++) members.receive(heartbeat(`m${i}`));
  expect(members.members.size).toBe(4_096);
});
