import { describe, expect, test } from "vitest";
import { createNonePolicy } from "../stopping/none.ts";
import type { DraftedGuess, StoppingPolicy } from "../stopping/policy.ts";
import { createStaticPolicy } from "../stopping/static.ts";
import { Text } from "../text/text.ts";
import { createDraftFeed } from "./draft-feed.ts";
import type { DraftToken } from "./ports.ts";
import {
  collect,
  createScriptedClock,
  createScriptedDrafter,
  type ScriptedDrafter,
  scriptedEvidence,
} from "./scripted-ports.cases.ts";

const round = { number: 0, text: new Text([1, 2]), numPromptTokens: 2, numPlainTokens: 0 };
const always = [11, 12, 13, 14, 15];

function feedOf(
  drafter: ScriptedDrafter | undefined,
  limit: number,
  policy: StoppingPolicy = createStaticPolicy(64),
  now: () => number = () => 0,
) {
  return createDraftFeed(drafter, policy, round, limit, now, undefined);
}

const idsOf = (tokens: readonly DraftToken[]) => tokens.map(({ tokenId }) => tokenId);

test("passes guesses on as they are and keeps them", async () => {
  const drafter = createScriptedDrafter(() => [11, 12]);
  const feed = feedOf(drafter, 5);
  const passed = await collect(feed);
  expect(passed).toEqual([
    { tokenId: 11, position: 2, ...scriptedEvidence(11) },
    { tokenId: 12, position: 3, ...scriptedEvidence(12) },
  ]);
  expect(feed.tokens).toEqual(passed);
  expect(drafter).toMatchObject({ numOpened: 1, numClosed: 1, numPulled: 2 });
});

test("pulls no guess beyond the limit and closes the drafter", async () => {
  const drafter = createScriptedDrafter(() => always);
  expect(idsOf(await collect(feedOf(drafter, 3)))).toEqual([11, 12, 13]);
  expect(drafter).toMatchObject({ numPulled: 3, numClosed: 1 });
});

test.each([0, -1])("asks the drafter nothing when the limit is %d", async (limit) => {
  const drafter = createScriptedDrafter(() => always);
  expect(await collect(feedOf(drafter, limit))).toEqual([]);
  expect(drafter.numOpened).toBe(0);
});

test("is empty without a drafter", async () => {
  expect(await collect(feedOf(undefined, 5))).toEqual([]);
});

test("the policy is asked after each guess, with its index and evidence, and ends the draft", async () => {
  const asked: DraftedGuess[] = [];
  const policy: StoppingPolicy = {
    ...createNonePolicy(),
    stopsAfter(guess) {
      asked.push(guess);
      return guess.entropy > 0.0125;
    },
  };
  const drafter = createScriptedDrafter(() => always);
  const feed = feedOf(drafter, 64, policy);
  expect(idsOf(await collect(feed))).toEqual([11, 12, 13]);
  expect(asked).toEqual([
    { index: 0, ...scriptedEvidence(11) },
    { index: 1, ...scriptedEvidence(12) },
    { index: 2, ...scriptedEvidence(13) },
  ]);
  expect(drafter).toMatchObject({ numPulled: 3, numClosed: 1 });
});

test("the policy is told of every guess, also of the one that the limit makes the last", async () => {
  const told: number[] = [];
  const policy: StoppingPolicy = {
    ...createStaticPolicy(64),
    stopsAfter({ index }) {
      told.push(index);
      return false;
    },
  };
  for (const limit of [3, 1])
    await collect(
      feedOf(
        createScriptedDrafter(() => always),
        limit,
        policy,
      ),
    );
  expect(told).toEqual([0, 1, 2, 0]);
});

test("a guess is passed on before the policy is asked about it", async () => {
  const events: string[] = [];
  const policy: StoppingPolicy = {
    ...createNonePolicy(),
    stopsAfter({ index }) {
      events.push(`asked ${index}`);
      return index === 1;
    },
  };
  for await (const { tokenId } of feedOf(
    createScriptedDrafter(() => always),
    64,
    policy,
  ))
    events.push(`sent ${tokenId}`);
  expect(events).toEqual(["sent 11", "asked 0", "sent 12", "asked 1"]);
});

describe("a guess that the policy withholds", () => {
  const withholding = (index: number): StoppingPolicy => ({
    ...createStaticPolicy(64),
    withholds: (guess) => guess.index === index,
  });

  test("is not passed on nor kept, and ends the draft", async () => {
    const drafter = createScriptedDrafter(() => always);
    const feed = feedOf(drafter, 5, withholding(2));
    expect(feed.isWithheld).toBe(false);
    expect(idsOf(await collect(feed))).toEqual([11, 12]);
    expect(idsOf(feed.tokens)).toEqual([11, 12]);
    expect(feed).toMatchObject({ isWithheld: true, endReason: "policy" });
    expect(drafter).toMatchObject({ numPulled: 3, numClosed: 1 });
  });

  test("may be the first: the draft is empty", async () => {
    const feed = feedOf(
      createScriptedDrafter(() => always),
      5,
      withholding(0),
    );
    expect(await collect(feed)).toEqual([]);
    expect(feed).toMatchObject({ isWithheld: true, endReason: "policy" });
  });

  test("is asked about before it joins, with all that is known of it, and only then the next", async () => {
    const asked: [string, DraftedGuess][] = [];
    const policy: StoppingPolicy = {
      ...createStaticPolicy(64),
      withholds(guess) {
        asked.push(["withholds", guess]);
        return guess.index === 1;
      },
      stopsAfter(guess) {
        asked.push(["stopsAfter", guess]);
        return false;
      },
    };
    await collect(
      feedOf(
        createScriptedDrafter(() => always),
        5,
        policy,
      ),
    );
    expect(asked).toEqual([
      ["withholds", { index: 0, ...scriptedEvidence(11) }],
      ["stopsAfter", { index: 0, ...scriptedEvidence(11) }],
      ["withholds", { index: 1, ...scriptedEvidence(12) }],
    ]);
  });

  test("took its time all the same", async () => {
    const clock = createScriptedClock();
    const drafter = createScriptedDrafter(() => always, { advance: clock.advance, ms: 3 });
    const feed = feedOf(drafter, 5, withholding(1), clock.now);
    await collect(feed);
    expect(feed.draftMs).toBe(2 * 3);
  });
});

test("a reader that has enough closes the drafter", async () => {
  const drafter = createScriptedDrafter(() => always);
  const feed = feedOf(drafter, 5);
  for await (const { tokenId } of feed) if (tokenId === 12) break;
  expect(idsOf(feed.tokens)).toEqual([11, 12]);
  expect(drafter).toMatchObject({ numPulled: 2, numClosed: 1 });
});

test("a drafter's error comes out, and it is closed", async () => {
  const drafter = createScriptedDrafter(() => [11, null, 12]);
  const feed = feedOf(drafter, 5);
  await expect(collect(feed)).rejects.toThrow("the draft model broke");
  expect(idsOf(feed.tokens)).toEqual([11]);
  expect(drafter.numClosed).toBe(1);
});

test("only the time spent waiting for the drafter counts", async () => {
  const clock = createScriptedClock();
  const drafter = createScriptedDrafter(() => always, { advance: clock.advance, ms: 3 });
  const feed = feedOf(drafter, 4, undefined, clock.now);
  for await (const _ of feed) clock.advance(100);
  expect(feed.draftMs).toBe(4 * 3);
});

test("the wait for a drafter that has no more to say counts too", async () => {
  const clock = createScriptedClock();
  const feed = createDraftFeed(
    {
      async *draft() {
        yield { tokenId: 1, position: 2, ...scriptedEvidence(1) };
        clock.advance(7);
      },
    },
    createStaticPolicy(5),
    round,
    5,
    clock.now,
    undefined,
  );
  await collect(feed);
  expect(feed.draftMs).toBe(7);
});

describe("why the draft ended", () => {
  const stopsAt = (last: number): StoppingPolicy => ({
    ...createNonePolicy(),
    stopsAfter: ({ index }) => index === last,
  });

  test.each([
    ["the policy", 5, stopsAt(1), "policy"],
    ["the limit, whatever the policy wants there", 2, stopsAt(1), "limit"],
    ["the limit", 2, stopsAt(9), "limit"],
    ["the drafter, which had no more to say", 9, stopsAt(9), "drafter"],
  ] as const)("is said at its end: %s", async (_, limit, policy, reason) => {
    const feed = feedOf(
      createScriptedDrafter(() => always),
      limit,
      policy,
    );
    const seen: unknown[] = [];
    for await (const _ of feed) seen.push(feed.endReason);
    expect(seen.every((endReason) => endReason === undefined)).toBe(true);
    expect(feed.endReason).toBe(reason);
  });

  test("is the drafter when it guessed nothing at all", async () => {
    const feed = feedOf(
      createScriptedDrafter(() => []),
      4,
    );
    await collect(feed);
    expect(feed.endReason).toBe("drafter");
  });

  test("is nothing where there was nothing to draft", async () => {
    const feeds = [
      feedOf(undefined, 4),
      feedOf(
        createScriptedDrafter(() => always),
        0,
      ),
    ];
    for (const feed of feeds) {
      await collect(feed);
      expect(feed.endReason).toBeUndefined();
    }
  });

  test("is nothing when the reader left, or the drafter broke", async () => {
    const left = feedOf(
      createScriptedDrafter(() => always),
      4,
    );
    for await (const _ of left) break;
    expect(left.endReason).toBeUndefined();

    const broken = feedOf(
      createScriptedDrafter(() => [11, null]),
      4,
    );
    await expect(collect(broken)).rejects.toThrow("the draft model broke");
    expect(broken.endReason).toBeUndefined();
  });
});
