import { TargetStream, Text } from "@adaedl/core";
import { describe, expect, test } from "vitest";
import { DraftArrivals } from "./draft-arrivals.ts";

const prompt = [1, 2, 3];

/** A text whose edge drafts token 4 at every place, at a target that decodes 4s as well until it is told otherwise. */
function open() {
  const stream = new TargetStream({
    ...{ tokenIds: prompt, credit: 1_000, maxLength: 1_000, numTokenIds: 10 },
    endTokenIds: new Set(),
  });
  const arrivals = new DraftArrivals(stream);
  let nextId = 1;
  return {
    stream,
    /** A draft token after the one before, or after the text as it is, or was. */
    offer(now: number, base?: readonly number[]) {
      const parent = base === undefined ? nextId - 1 : 0;
      const nodes = [{ parent, tokenId: 4, chance: 0.5 }];
      const offer = { base: base && new Text(base).fence(), firstId: nextId++, nodes, credit: 0 };
      stream.apply({ type: "offer", offer });
      arrivals.offered(base !== undefined, now);
    },
    step(now: number, tokenId = 4) {
      const chain = stream.plan({ leastChance: 0, maxDraftLength: 1 });
      const draftTokenIds = chain.map((token) => token.tokenId);
      stream.apply({ type: "stepBegun", draftTokenIds });
      const numAccepted = tokenId === 4 ? chain.length : 0;
      stream.apply({ type: "stepDone", numAccepted, nextTokenId: tokenId });
      arrivals.committed(chain.length, numAccepted, now);
    },
    until: (now: number, priceMs = 1e6) => arrivals.worthWaitingUntil(priceMs, now, now),
  };
}

/** An edge that has offered every 10 ms, the last time at 400. */
function openAt10Ms() {
  const text = open();
  text.offer(-10, prompt);
  for (let now = 0; now <= 400; now += 10) text.offer(now);
  return text;
}

describe("draft tokens", () => {
  test("are not expected of an edge that has not offered twice", () => {
    const text = open();
    expect(text.until(0)).toBeUndefined();
    text.offer(0, prompt);
    expect(text.until(0)).toBeUndefined();
  });

  test("are expected at the pace they came at, and one place after the other", () => {
    const text = openAt10Ms();
    while (text.stream.hasFreshNodes) text.step(400);
    expect(text.until(400)).toBeCloseTo(410, 0);
    text.step(401);
    text.step(402);
    expect(text.until(403)).toBeCloseTo(430, 0);
  });

  test("that are overdue are not waited for", () => {
    const text = openAt10Ms();
    while (text.stream.hasFreshNodes) text.step(400);
    expect(text.until(412)).toBeUndefined();
  });

  test("are expected later the less steadily they came", () => {
    const text = open();
    text.offer(-10, prompt);
    for (let now = 0; now <= 400; now += 10) text.offer(now + (now % 20 === 0 ? 0 : 5));
    while (text.stream.hasFreshNodes) text.step(400);
    expect(text.until(400)).toBeGreaterThan(415);
    expect(text.until(400)).toBeLessThan(425);
  });

  test("are expected after a rejection when they came after others", () => {
    const text = openAt10Ms();
    let now = 400;
    for (let count = 0; count < 60; count++) {
      text.step(now, 5);
      if (count === 0) expect(text.until(now)).toBeUndefined();
      text.offer(now + 50, text.stream.text.tokenIds);
      text.offer(now + 60);
      now += 100;
    }
    text.step(now, 5);
    expect(text.until(now)).toBeCloseTo(now + 50, 0);
    text.step(now + 30); // the text is one token ahead of what the edge drafts from
    expect(text.until(now + 30)).toBeCloseTo(now + 60, 0);
  });
});

describe("a forward", () => {
  test("is held back as long as the saved one is worth, with the chance that it is saved", () => {
    const text = openAt10Ms();
    while (text.stream.hasFreshNodes) text.step(400);
    expect(text.until(400, 20)).toBeDefined();
    expect(text.until(400, 9)).toBeUndefined();
    const unlucky = openAt10Ms();
    for (let count = 0; count < 100; count++) {
      unlucky.step(400, 5);
      unlucky.offer(400, unlucky.stream.text.tokenIds);
      unlucky.offer(400);
    }
    unlucky.step(400, 5);
    expect(unlucky.until(400, 20)).toBeUndefined();
  });
});
