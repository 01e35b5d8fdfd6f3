import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Text } from "../text/text.ts";
import type { Offer } from "./messages.ts";
import { newTargetCounts, type TargetCounts } from "./target-counts.ts";
import type { ChainLimits, TargetTerms } from "./target-events.ts";
import { TargetStream } from "./target-stream.ts";

const prompt = [5, 6, 7];
const usual = {
  ...{ tokenIds: prompt, credit: 11, maxLength: 20 },
  ...{ endTokenIds: new Set([0]), numTokenIds: 10 },
};
const open = (terms: Partial<TargetTerms> = {}, counts?: TargetCounts) =>
  new TargetStream({ ...usual, ...terms }, counts);
const everything = { leastChance: 0, maxDraftLength: 8 };
const planned = (stream: TargetStream, limits: ChainLimits = everything) =>
  stream.plan(limits).map(({ tokenId }) => tokenId);

/** Nodes as `parent:token` or `parent:token:chance`. */
function offerOf(
  firstId: number,
  nodes: string,
  more: Partial<Offer> = {},
): { type: "offer"; offer: Offer } {
  const list = nodes.split(" ").filter((node) => node !== "");
  const parsed = list.map((node) => {
    const [parent, tokenId, chance = 0.5] = node.split(":").map(Number);
    return { parent: parent as number, tokenId: tokenId as number, chance };
  });
  return { type: "offer", offer: { firstId, nodes: parsed, credit: 3, ...more } };
}
const base = (...tokenIds: number[]) => new Text(tokenIds).fence();

/** One forward in which the target says `tokenIds`. */
function step(stream: TargetStream, ...tokenIds: number[]) {
  const draftTokenIds = planned(stream);
  stream.apply({ type: "stepBegun", draftTokenIds });
  let numAccepted = 0;
  while (numAccepted < draftTokenIds.length && draftTokenIds[numAccepted] === tokenIds[numAccepted])
    numAccepted++;
  const nextTokenId = tokenIds[numAccepted] as number;
  const effects = stream.apply({ type: "stepDone", numAccepted, nextTokenId });
  stream.checkIntegrity();
  return effects;
}

describe("plan", () => {
  test("goes along the likeliest children, as far as their path is worth a row", () => {
    const stream = open();
    stream.apply(offerOf(1, "0:1:0.3 0:2:0.6 2:3:0.5 1:4:0.9 3:5:0.5", { base: base(...prompt) }));
    expect(planned(stream)).toEqual([2, 3, 5]);
    expect(planned(stream, { leastChance: 0.3, maxDraftLength: 8 })).toEqual([2, 3]);
    expect(planned(stream, { leastChance: 0, maxDraftLength: 1 })).toEqual([2]);
    expect(planned(stream, { leastChance: 0.7, maxDraftLength: 8 })).toEqual([]);
    expect(planned(stream, { leastChance: 0.3, chanceScale: 0.5, maxDraftLength: 8 })).toEqual([2]);
  });

  test("leaves room for the target's own token, and nothing follows an end token", () => {
    const full = open({ maxLength: 5 });
    full.apply(offerOf(1, "0:1 1:2 2:3", { base: base(...prompt) }));
    expect(planned(full)).toEqual([1]);
    const ended = open();
    ended.apply(offerOf(1, "0:0 1:2", { base: base(...prompt) }));
    expect(planned(ended)).toEqual([0]);
  });
});

describe("a commit", () => {
  test("says what was judged, and leaves what grows below it", () => {
    const stream = open();
    stream.apply(offerOf(1, "0:1 1:2 2:3 2:4:0.2 4:8", { base: base(...prompt) }));
    expect(step(stream, 1, 2, 4)).toEqual([
      {
        type: "commit",
        commit: { position: 3, tokenIds: [1, 2, 4], numJudged: 3, numAccepted: 2 },
      },
    ]);
    expect(planned(stream)).toEqual([8]);
    expect(stream.hasFreshNodes).toBe(true);
  });

  test("ends with an end token, also one in the middle of the accepted draft, or with the last token", () => {
    const stream = open();
    stream.apply(offerOf(1, "0:0", { base: base(...prompt) }));
    expect(step(stream, 0, 4)).toEqual([
      { type: "commit", commit: { position: 3, tokenIds: [0], numJudged: 1, numAccepted: 1 } },
      { type: "finished", reason: "stop" },
    ]);
    const short = open({ maxLength: 4 });
    expect(step(short, 9).at(-1)).toEqual({ type: "finished", reason: "length" });
    expect([short.canStep, short.isFinished]).toEqual([false, true]);
  });
});

describe("offers", () => {
  test("with draft tokens bring credit for one commit at most under the rejection rule", () => {
    const stream = open({ isInRounds: true, credit: 3 });
    stream.apply(offerOf(1, "0:1", { base: base(...prompt) }));
    stream.apply(offerOf(2, "1:2", { credit: 4 }));
    step(stream, 1, 2, 3);
    expect(stream.text.length).toBe(6);
    expect(() => stream.apply(offerOf(3, "2:3", { credit: 8 }))).toThrow(
      expect.objectContaining({ code: "invalid_argument", field: "offer.credit" }),
    );
    const free = open({ isInRounds: true, credit: 3 });
    free.apply(offerOf(1, "", { credit: 9 })); // decoding without drafts
    step(free, 1);
    expect(() => free.apply(offerOf(1, "0:1", { base: base(...prompt, 1) }))).toThrow(
      /credit must be at most 5/,
    );
  });

  test("that come late move the cursor, or are dropped", () => {
    const stream = open();
    step(stream, 1);
    step(stream, 2);
    stream.apply(offerOf(1, "0:1 0:9 1:2 3:4", { base: base(...prompt) }));
    stream.checkIntegrity();
    expect(planned(stream)).toEqual([4]);
    step(stream, 5); // not 4: what grows from there is dead until there is a new base
    stream.apply(offerOf(5, "4:7"));
    stream.checkIntegrity();
    expect([stream.numNodes, planned(stream)]).toEqual([0, []]);
    stream.apply(offerOf(6, "0:8", { base: stream.text.fence() }));
    expect(planned(stream)).toEqual([8]);
  });

  test("that come twice, or after later ones, change nothing; a lost one costs what grows from it", () => {
    const stream = open();
    const first = offerOf(1, "0:1 1:2", { base: base(...prompt) });
    stream.apply(first);
    stream.apply(offerOf(4, "2:3 3:9"));
    expect(planned(stream)).toEqual([1, 2, 3]);
    stream.apply(offerOf(3, "2:8:0.9")); // the one that was missing
    stream.apply(first);
    expect(planned(stream)).toEqual([1, 2, 3]);
    stream.checkIntegrity();
  });

  test("with a base that is no prefix of the text are aborted", () => {
    const stream = open();
    expect(() => stream.apply(offerOf(1, "0:1", { base: base(5, 6, 8) }))).toThrow(
      "offer.base must be a prefix of the text of 3 tokens, got another one of length 3",
    );
  });

  test.each([
    ["0:1 2:2", "offer.nodes[1].parent must be 0 to 1, got 2"],
    ["0:10", "offer.nodes[0].token_id must be 0 to 9, got 10"],
    ["0:1:0", "offer.nodes[0].chance must be above 0 and at most 1, got 0"],
    ["0:1:1.5", "offer.nodes[0].chance must be above 0 and at most 1, got 1.5"],
    [new Array(257).fill("0:1").join(" "), "offer.nodes must be at most 256, got 257"],
  ])("of %.20s are refused", (nodes, message) => {
    expect(() => open().apply(offerOf(1, nodes, { base: base(...prompt) }))).toThrow(message);
  });

  test("never hold more than their bound", () => {
    const stream = open();
    for (let firstId = 1; firstId < 3000; firstId += 250) {
      const chain = Array.from({ length: 250 }, (_, index) => `${firstId + index - 1}:1`);
      stream.apply(
        offerOf(firstId, chain.join(" "), firstId === 1 ? { base: base(...prompt) } : {}),
      );
    }
    stream.checkIntegrity();
    expect(stream.numNodes).toBe(1023);
  });
});

test("counts tell what became of draft tokens and commits, of all texts that share them", () => {
  const counts = newTargetCounts();
  const [one, other] = [open({}, counts), open({}, counts)];
  one.apply(offerOf(1, "0:1 1:2 0:4", { base: base(...prompt) }));
  step(one, 1, 9); // 1 is accepted and 2 is not, 4 was never verified
  one.apply(offerOf(4, "2:3 3:7")); // their branches are gone
  one.apply({ type: "stepBegun", draftTokenIds: [] });
  one.apply(offerOf(6, "0:5", { base: one.text.fence() })); // too late for the step that runs
  one.apply({ type: "stepDone", numAccepted: 0, nextTokenId: 5 });
  one.apply(offerOf(7, "6:8"));
  one.apply({ type: "stepBegun", draftTokenIds: [] }); // 8 is fresh, and not worth its row
  one.apply({ type: "stepDone", numAccepted: 0, nextTokenId: 8 });
  step(other, 1);
  other.apply(offerOf(1, "0:1 0:9", { base: base(...prompt) })); // their place is decided
  expect(counts).toEqual({
    ...{ numOffered: 9, numLate: 2, numDead: 2, numJudged: 2, numAccepted: 1 },
    ...{ numTokens: 5, numVerified: 1, numLeftOut: 1, numBare: 2 },
    ...{ numVerifierDrafted: 0, numVerifierAccepted: 0 },
  });
});

test("a commit says which draft tokens were the verifier's own, and counts tell them apart", () => {
  const counts = newTargetCounts();
  const stream = open({}, counts);
  stream.apply(offerOf(1, "0:1", { base: base(...prompt) }));
  stream.apply({ type: "stepBegun", draftTokenIds: [1, 2, 4], numVerifierDrafted: 2 });
  expect(stream.apply({ type: "stepDone", numAccepted: 2, nextTokenId: 5 })).toEqual([
    {
      type: "commit",
      commit: {
        ...{ position: 3, tokenIds: [1, 2, 5], numJudged: 3, numAccepted: 2 },
        numVerifierDrafted: 2,
      },
    },
  ]);
  expect(counts).toMatchObject({ numJudged: 1, numAccepted: 1 });
  expect(counts).toMatchObject({ numVerifierDrafted: 2, numVerifierAccepted: 1 });
});

test("a commit names the target's likely tokens in the places of its own tokens alone", () => {
  const stream = open();
  stream.apply(offerOf(1, "0:1 1:2", { base: base(...prompt) }));
  stream.apply({ type: "stepBegun", draftTokenIds: [1, 2] });
  const successors = [
    [1, 3],
    [9, 2],
    [4, 5],
  ];
  expect(
    stream.apply({ type: "stepDone", numAccepted: 1, nextTokenId: 9, successors }),
  ).toMatchObject([
    {
      commit: {
        tokenIds: [1, 9],
        successors: [
          [1, 3],
          [9, 2],
        ],
      },
    },
  ]);
});

describe("credit", () => {
  test("ends at its length, and grows with offers", () => {
    const stream = open({ credit: 5 });
    step(stream, 1);
    expect([stream.canStep, stream.isLastStep]).toEqual([true, true]);
    step(stream, 2);
    expect([stream.canStep, stream.isLastStep]).toEqual([false, false]);
    stream.apply(offerOf(1, "", { credit: 6 }));
    expect(stream.canStep).toBe(true);
  });

  test("never shrinks: an offer that comes late takes nothing back, one that comes twice gives nothing", () => {
    const stream = open({ credit: 3 });
    expect(stream.canStep).toBe(false);
    stream.apply(offerOf(1, "", { credit: 4 }));
    stream.apply(offerOf(1, "", { credit: 3 }));
    expect(stream.canStep).toBe(true);
    step(stream, 1);
    stream.apply(offerOf(1, "", { credit: 4 }));
    expect(stream.canStep).toBe(false);
  });

  test("ends with a cancel, also while a forward runs", () => {
    const stream = open();
    stream.apply({ type: "stepBegun", draftTokenIds: [] });
    expect(stream.apply({ type: "cancel" })).toEqual([{ type: "finished", reason: "cancelled" }]);
    expect(stream.apply({ type: "stepDone", numAccepted: 0, nextTokenId: 1 })).toEqual([]);
    expect(stream.text.tokenIds).toEqual(prompt);
  });
});

test("whatever is offered, whenever, the text is the target's", () => {
  const node = fc.record({
    back: fc.nat(6),
    tokenId: fc.nat(9),
    chance: fc.double({ min: 0.01, max: 1, noNaN: true }),
  });
  const act = fc.oneof(
    fc.record({
      kind: fc.constant("offer" as const),
      nodes: fc.array(node, { maxLength: 6 }),
      base: fc.option(fc.nat(20)),
      skip: fc.integer({ min: -3, max: 2 }),
    }),
    fc.record({ kind: fc.constant("step" as const) }),
  );
  // The target counts upwards, so that offers drawn at random are right now and then.
  const tokenAt = (length: number) => 1 + (length % 9);
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const counts = newTargetCounts();
      const stream = open({ maxLength: 40, credit: 100 }, counts);
      let numCommits = 0;
      let nextId = 1;
      for (const one of acts) {
        if (one.kind === "offer") {
          const firstId = Math.max(1, nextId + one.skip);
          const nodes = one.nodes.map(({ back, tokenId, chance }, index) => ({
            parent: Math.max(0, firstId + index - 1 - back),
            tokenId,
            chance,
          }));
          nextId = Math.max(nextId, firstId + nodes.length);
          const length = one.base === null ? undefined : Math.min(one.base, stream.text.length);
          const offered = length === undefined ? undefined : stream.text.fence(length);
          stream.apply({ type: "offer", offer: { firstId, nodes, base: offered, credit: 0 } });
        } else if (stream.canStep) {
          const { length } = stream.text;
          step(stream, ...Array.from({ length: 10 }, (_, index) => tokenAt(length + index)));
          numCommits++;
        }
        stream.checkIntegrity();
        const output = stream.text.tokenIds.slice(3);
        expect(output).toEqual(output.map((_, index) => tokenAt(3 + index)));
        const { numOffered, numLate, numDead, numJudged, numVerified, numLeftOut } = counts;
        expect(numVerified + numLeftOut + counts.numBare).toBe(numCommits);
        expect(counts.numTokens).toBe(output.length);
        expect(numLate + numDead + numJudged + stream.numNodes).toBeLessThanOrEqual(numOffered);
      }
    }),
    { numRuns: 1000 },
  );
});
