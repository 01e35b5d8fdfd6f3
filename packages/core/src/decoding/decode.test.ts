import { describe, expect, test } from "vitest";
import { parsePolicy } from "../drafting/drafting-policy.ts";
import type { StoppingPolicy } from "../stopping/policy.ts";
import { createStaticPolicy } from "../stopping/static.ts";
import type { Drafter } from "../stream/ports.ts";
import { decode } from "./decode.ts";
import { createStreamStrategy, type DraftingStrategy } from "./drafting-strategy.ts";
import type {
  CommittedToken,
  DecodeEvent,
  DecodeParts,
  DecodeRequest,
  TextObserver,
} from "./output-events.ts";
import { createRoundStrategy } from "./round-strategy.ts";
import {
  createScriptedDrafter,
  createScriptedTarget,
  numTokenIds,
  placeOf,
  type TargetScript,
  tokenAt,
} from "./stream-ports.cases.ts";

const promptTokenIds = [1, 2, 3];
const expected = (numTokens: number) =>
  Array.from({ length: numTokens }, (_, index) => tokenAt(promptTokenIds.length + index));
const request: DecodeRequest = {
  ...{ promptTokenIds, contextLength: 500, maxTokens: 40, numTokenIds },
  ...{ stopTokenIds: new Set(), stopStrings: [] },
};
const streaming = (spec = "stream"): DraftingStrategy => {
  const policy = parsePolicy(spec);
  if (policy.family !== "stream" || policy.drafting === undefined) throw new Error(spec);
  return createStreamStrategy(policy.drafting, ["model"]);
};
const draftedBy = (drafter: Drafter, strategy = streaming()) => ({
  drafting: { strategy, drafters: [drafter] },
});
/** The draft model is right at all places but every fifth, where its second candidate is. */
const goodPlace = (position: number) =>
  position % 5 === 0 ? placeOf(99, tokenAt(position)) : placeOf(tokenAt(position), 99);

function run(
  changes: Partial<DecodeRequest>,
  parts: Partial<DecodeParts>,
  script: TargetScript = {},
  signal?: AbortSignal,
) {
  const asked = { ...request, ...changes };
  const maxLength = promptTokenIds.length + asked.maxTokens;
  const target = createScriptedTarget({ maxLength, endTokenIds: asked.stopTokenIds, ...script });
  let now = 0;
  const events = decode(asked, { verifier: target, now: () => now++, ...parts }, signal);
  return { target, events };
}
async function collect(events: AsyncIterable<DecodeEvent>): Promise<DecodeEvent[]> {
  const collected: DecodeEvent[] = [];
  for await (const event of events) collected.push(event);
  return collected;
}
const tokensOf = (events: readonly DecodeEvent[]) =>
  events.filter((event): event is CommittedToken => event.type === "token");
const idsOf = (events: readonly DecodeEvent[]) => tokensOf(events).map(({ tokenId }) => tokenId);

describe("a stream", () => {
  test("without a drafter decodes the text, autoregressively", async () => {
    const { target, events } = run({}, {});
    const seen = await collect(events);
    expect(idsOf(seen)).toEqual(expected(40));
    expect(new Set(tokensOf(seen).map(({ origin }) => origin))).toEqual(
      new Set(["autoregressive"]),
    );
    expect(seen.at(-1)).toMatchObject({
      type: "finished",
      finishReason: "length",
      statistics: { numCommits: 40, numDrafted: 0, numAccepted: 0, numTargetForwards: 41 },
    });
    expect([target.numClosed, target.finishes]).toEqual([1, ["length"]]);
  });

  test("with one is the same text in fewer forwards", async () => {
    const parts = draftedBy(createScriptedDrafter(goodPlace));
    const { events } = run({ wantsDetails: true, maxTokens: 200 }, parts);
    const seen = await collect(events);
    expect(idsOf(seen)).toEqual(expected(200));
    const finished = seen.at(-1);
    if (finished?.type !== "finished") throw new Error("no end");
    const { numCommits, numAccepted, numDrafted } = finished.statistics;
    expect(numCommits).toBeLessThan(150);
    expect(numDrafted).toBeGreaterThanOrEqual(numAccepted);
    const accepted = tokensOf(seen).filter(({ origin }) => origin === "accepted");
    expect(accepted).toHaveLength(numAccepted);
    expect(accepted.every(({ entropy }) => entropy === 0.1)).toBe(true);
    expect(accepted.every(({ drafters }) => drafters?.join() === "model")).toBe(true);
    expect(finished.statistics.acceptedBy).toEqual({ model: numAccepted });
    const reports = seen.filter((event) => event.type === "commit");
    expect(reports).toHaveLength(numCommits);
    expect(reports.reduce((sum, report) => sum + report.numAccepted, 0)).toBe(numAccepted);
    const distances = seen.flatMap((event) => (event.type === "frontier" ? [event.distance] : []));
    expect(distances).toContain(0);
    expect(Math.max(...distances)).toBeGreaterThan(1);
  });

  test("tells an observer as it happens what the statistics say at the end", async () => {
    const sums = { commits: 0, judged: 0, forwards: 0, offered: 0, accepted: 0, draftMs: 0 };
    const distances: number[] = [];
    const observer: TextObserver = {
      opened: (numForwards) => (sums.forwards += numForwards),
      drafted: (ms) => (sums.draftMs += ms),
      offered: (numTokens) => (sums.offered += numTokens),
      committed(_, numJudged, frontier) {
        sums.commits++;
        sums.judged += numJudged;
        distances.push(frontier ?? Number.NaN);
      },
      delivered: (origin) => (sums.accepted += origin === "accepted" ? 1 : 0),
    };
    const drafter = createScriptedDrafter(goodPlace);
    const parts = { ...draftedBy(drafter), observer };
    const { target, events } = run({ maxTokens: 200 }, parts);
    const finished = (await collect(events)).at(-1);
    if (finished?.type !== "finished") throw new Error("no end");
    const { numCommits, numAccepted, numDrafted, numTargetForwards, draftMs } = finished.statistics;
    expect(sums).toEqual({
      ...{ commits: numCommits, judged: numDrafted, forwards: numTargetForwards - numCommits },
      offered: target.offers.reduce((sum, { nodes }) => sum + nodes.length, 0),
      ...{ accepted: numAccepted, draftMs },
    });
    expect(Math.min(...distances)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...distances)).toBeGreaterThan(1);
  });

  test("goes on elsewhere when a session fails, with the text so far", async () => {
    const parts = draftedBy(createScriptedDrafter(goodPlace));
    const { target, events } = run({}, parts, { failsAfter: [3, 0, 5] });
    expect(idsOf(await collect(events))).toEqual(expected(40));
    expect(target.opened.map(({ why }) => why)).toEqual([
      undefined,
      ...new Array(3).fill("the target broke"),
    ]);
    expect(target.opened[1]?.length).toBeGreaterThan(3);
    expect(target.numClosed).toBe(4);
  });

  test("goes on elsewhere when a verifier says what cannot be", async () => {
    const { target, events } = run(
      {},
      {},
      {
        lie: (message, numSessions) =>
          message.type === "commit" && numSessions === 1 && message.commit.position > 8
            ? { ...message, commit: { ...message.commit, position: 2, tokenIds: [7, 7] } }
            : message,
      },
    );
    expect(idsOf(await collect(events))).toEqual(expected(40));
    expect(target.opened[1]?.why).toBe("the verifier changed token 2, which is committed");
  });

  test("ends with what the verifier gave up with", async () => {
    const verifier = {
      async open() {
        throw new Error("no verifier");
      },
    };
    await expect(collect(run({}, { verifier }).events)).rejects.toThrow("no verifier");
  });

  test("decodes on when the draft model has come to its end", async () => {
    const drafter = createScriptedDrafter((position) =>
      position < 20 ? goodPlace(position) : null,
    );
    const { events } = run({}, draftedBy(drafter));
    const seen = await collect(events);
    expect(idsOf(seen)).toEqual(expected(40));
    expect(seen.at(-1)).toMatchObject({
      statistics: { fallbackTokens: { draft_context: expect.any(Number), draft_failed: 0 } },
    });
  });

  test("goes on without drafts until the drafter is ready, and learns nothing from that", async () => {
    const ready = createScriptedDrafter(goodPlace);
    let numRefused = 0;
    const drafter: Drafter = {
      async propose(...asked) {
        if (asked[1] >= 10) return ready.propose(...asked);
        numRefused++;
        return { places: [] };
      },
      async [Symbol.asyncDispose]() {},
    };
    const seen = await collect(run({}, draftedBy(drafter)).events);
    expect(idsOf(seen)).toEqual(expected(40));
    expect(numRefused).toBe(7); // asked again for each token
    const tokens = tokensOf(seen);
    expect(tokens.slice(0, 7).map(({ entropy }) => entropy)).toEqual(Array(7).fill(undefined));
    expect(tokens.some(({ origin }) => origin === "accepted")).toBe(true);
  });

  test("ends with what the drafter throws", async () => {
    const drafter = createScriptedDrafter(() => new Error("the draft model broke"));
    const { target, events } = run({}, draftedBy(drafter));
    await expect(collect(events)).rejects.toThrow("the draft model broke");
    expect(target.numClosed).toBe(1);
  });

  test("is never far ahead of its reader, and ends with it", async () => {
    const { target, events } = run({ maxTokens: 400 }, {});
    const reader = events[Symbol.asyncIterator]();
    await reader.next();
    for (let turn = 0; turn < 300; turn++) await new Promise(setImmediate);
    expect(target.offers).toEqual([]);
    await reader.return?.(undefined);
    expect(target.numClosed).toBe(1);
    expect(target.finishes).toEqual([]);
  });

  test("ends when it is aborted", async () => {
    const controller = new AbortController();
    const { target, events } = run({ maxTokens: 400 }, {}, {}, controller.signal);
    const reader = events[Symbol.asyncIterator]();
    await reader.next();
    controller.abort();
    await expect(collect({ [Symbol.asyncIterator]: () => reader })).rejects.toMatchObject({
      code: "cancelled",
    });
    expect(target.numClosed).toBe(1);
  });

  test("ends with a stop string in the middle of a commit", async () => {
    const textStream = { push: (tokenId: number) => `<${tokenId}>`, flush: () => "" };
    const stop = `<${tokenAt(20)}>`;
    const parts = { ...draftedBy(createScriptedDrafter(goodPlace)), textStream };
    const { target, events } = run({ stopStrings: [stop] }, parts);
    const seen = await collect(events);
    expect(idsOf(seen)).toEqual(expected(18));
    expect(seen.at(-1)).toMatchObject({ finishReason: "stop" });
    expect([target.numClosed, target.finishes]).toEqual([1, ["cancelled"]]);
  });
});

describe("rounds", () => {
  const inRounds = (policy: Partial<StoppingPolicy>, numCandidates = 3) =>
    createRoundStrategy({ ...createStaticPolicy(numCandidates), ...policy }, 64);

  test("verify each draft as it was made, and tell the policy what became of it", async () => {
    const told: unknown[] = [];
    const strategy = inRounds({ observe: (outcome) => told.push(outcome) });
    const drafter = createScriptedDrafter(goodPlace);
    const { target, events } = run(
      { maxTokens: 10, wantsDetails: true },
      draftedBy(drafter, strategy),
    );
    const seen = await collect(events);
    expect(idsOf(seen)).toEqual(expected(10));
    const reports = seen.filter((event) => event.type === "commit");
    // Of positions 3 to 12 the fifth and the tenth are wrong.
    expect(reports).toMatchObject([
      { numAccepted: 2, endReason: "limit" },
      { numAccepted: 3 },
      { numAccepted: 0 },
      { numAccepted: 1 },
    ]);
    expect(reports.map(({ draftTokens }) => draftTokens.length)).toEqual([3, 3, 2, 1]);
    expect(reports[0]?.draftTokens.map(({ tokenId }) => tokenId)).toEqual([13, 14, 99]);
    expect(told).toHaveLength(4);
    expect(target.offers.every(({ nodes }) => nodes.length <= 1)).toBe(true);
  });

  test("take from a draft model that drafts in parallel as much as the policy wants", async () => {
    const told: unknown[] = [];
    const strategy = inRounds({ observe: (outcome) => told.push(outcome) }, 5);
    const drafter = createScriptedDrafter(goodPlace);
    const propose: Drafter["propose"] = async (text, length, paths, ...more) => {
      const proposal = await drafter.propose(text, length, paths, ...more);
      const further = await Promise.all(
        paths.map(async (path) => {
          const answer = await drafter.propose(
            text,
            length,
            [
              [...path, 0],
              [...path, 0, 0],
            ],
            2,
          );
          return "places" in answer ? answer.places : [];
        }),
      );
      return { ...proposal, further };
    };
    const parts = draftedBy({ ...drafter, propose }, strategy);
    const { events } = run({ maxTokens: 10, wantsDetails: true }, parts);
    const seen = await collect(events);
    expect(idsOf(seen)).toEqual(expected(10));
    const reports = seen.filter((event) => event.type === "commit");
    // Drafts of 5 from two forwards of 3 places, of positions 3 to 12, of which the fifth and the tenth are wrong.
    expect(reports[0]?.draftTokens.map(({ tokenId }) => tokenId)).toEqual([13, 14, 99, 16, 17]);
    expect(reports.map(({ draftTokens }) => draftTokens.length)).toEqual([5, 5, 1]);
    expect(told[0]).toMatchObject({ numDrafted: 5, numAccepted: 2, maxDraftLength: 5 });
  });

  test("of a withheld draft token go without it", async () => {
    const told: unknown[] = [];
    const strategy = inRounds({
      withholds: ({ index }) => index === 1,
      observe: (outcome) => told.push(outcome),
    });
    const parts = draftedBy(createScriptedDrafter(goodPlace), strategy);
    expect(idsOf(await collect(run({ maxTokens: 6 }, parts).events))).toEqual(expected(6));
    expect(told[0]).toMatchObject({ numDrafted: 1, numAccepted: 1, maxDraftLength: 3 });
  });

  test("become a stream when the draft model has come to its end", async () => {
    const drafter = createScriptedDrafter((position) =>
      position < 10 ? goodPlace(position) : null,
    );
    const { target, events } = run({}, draftedBy(drafter, inRounds({})));
    expect(idsOf(await collect(events))).toEqual(expected(40));
    expect(target.offers.length).toBeLessThan(15);
  });

  test("go on elsewhere with the same draft", async () => {
    const parts = draftedBy(createScriptedDrafter(goodPlace), inRounds({}));
    const { events } = run({}, parts, { failsAfter: [1, 1, 0] });
    expect(idsOf(await collect(events))).toEqual(expected(40));
  });
});
