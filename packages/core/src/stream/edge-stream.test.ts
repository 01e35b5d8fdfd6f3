import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Text } from "../text/text.ts";
import type {
  DraftingLimits,
  DraftSource,
  EdgeEffect,
  EdgeEvent,
  EdgeTerms,
} from "./edge-events.ts";
import { EdgeStream } from "./edge-stream.ts";
import type { Commit } from "./messages.ts";

const prompt = [5, 6, 7];
const drafting = { bound: 0.1, width: 1, branchCost: 0.2, maxDepth: 8 };
/** A draft model within these limits. */
const source = (limits: Partial<DraftingLimits> = {}, isImmediate = false): DraftSource => ({
  limits: { ...drafting, ...limits },
  isImmediate,
});
const open = (terms: Partial<EdgeTerms> = {}) => {
  const stream = new EdgeStream({
    promptTokenIds: prompt,
    maxLength: 20,
    endTokenIds: new Set([0]),
    numTokenIds: 10,
    ahead: 32,
    isInRounds: false,
    sources: [source()],
    ...terms,
  });
  return { stream, first: stream.apply({ type: "opened" }) };
};
const commit = (position: number, tokenIds: number[], more: Partial<Commit> = {}): EdgeEvent => {
  const numAccepted = tokenIds.length - 1;
  return {
    type: "commit",
    commit: { position, tokenIds, numJudged: numAccepted, numAccepted, ...more },
  };
};
/** Candidates of one place as pairs of token and chance. */
const drafted = (...candidates: [number, number][]): EdgeEvent => draftedBy(0, ...candidates);
const draftedBy = (source: number, ...candidates: [number, number][]): EdgeEvent => ({
  type: "drafted",
  source,
  candidates: [candidates.map(([tokenId, chance]) => ({ tokenId, chance }))],
});
const only = (effects: readonly EdgeEffect[], ...types: EdgeEffect["type"][]) =>
  effects.filter(({ type }) => types.includes(type));

describe("drafting", () => {
  test("begins at once, and goes on from the likeliest place while the draft model is free", () => {
    const { stream, first } = open();
    expect(first).toEqual([{ type: "draft", source: 0, paths: [[]], others: [[]] }]);
    const effects = stream.apply(drafted([1, 0.7], [2, 0.2], [3, 0.05]));
    expect(effects).toEqual([
      { type: "draft", source: 0, paths: [[1]], others: [[]] },
      {
        type: "offer",
        offer: {
          base: new Text(prompt).fence(),
          firstId: 1,
          nodes: [
            { parent: 0, tokenId: 1, chance: expect.closeTo(0.7) },
            { parent: 0, tokenId: 2, chance: expect.closeTo(0.2) },
          ],
          credit: 35,
        },
      },
    ]);
    // 0.7 * 0.9 is likelier than 0.2: it goes on there.
    expect(stream.apply(drafted([4, 0.9]))[0]).toEqual({
      type: "draft",
      source: 0,
      paths: [[1, 4]],
      others: [[]],
    });
  });

  test("expands several places in one draft forward", () => {
    const { stream } = open({ sources: [source({ width: 2 })] });
    const [draft] = stream.apply(drafted([1, 0.5], [2, 0.4]));
    expect(draft).toEqual({ type: "draft", source: 0, paths: [[1], [2]], others: [[], []] });
  });

  test("sends the first candidate of the next place, however unlikely", () => {
    const { stream } = open();
    const [offer] = only(stream.apply(drafted([1, 0.05], [2, 0.04])), "offer");
    expect(offer).toMatchObject({ offer: { nodes: [{ tokenId: 1 }] } });
  });

  test("sends a node later when the text has made it likely", () => {
    const { stream } = open();
    stream.apply(drafted([1, 0.2]));
    expect(only(stream.apply(drafted([4, 0.3])), "offer")).toEqual([]); // 0.06 from here
    const effects = stream.apply(commit(3, [1], { numJudged: 0 }));
    expect(only(effects, "offer")).toMatchObject([
      { offer: { firstId: 2, base: undefined, nodes: [{ parent: 1, tokenId: 4 }] } },
    ]);
  });

  test("stops where nothing is worth it, beyond the longest text, and after an end token", () => {
    const { stream } = open();
    expect(only(stream.apply(drafted([0, 0.9], [1, 0.05])), "draft")).toEqual([]);
    const short = open({ maxLength: 5 }).stream;
    // The last token is the target's own.
    expect(only(short.apply(drafted([1, 0.9])), "draft")).toEqual([]);
    const shallow = open({ sources: [source({ maxDepth: 1 })] }).stream;
    expect(only(shallow.apply(drafted([1, 0.9])), "draft")).toEqual([]);
  });

  test("results that the text has left behind are dropped", () => {
    const { stream } = open();
    stream.apply(drafted([1, 0.9]));
    const effects = stream.apply(commit(3, [2])); // it drafts after [1] meanwhile
    expect(effects).toEqual([
      {
        type: "deliver",
        tokenId: 2,
        origin: "autoregressive",
        index: 0,
        sources: [],
        evidence: [undefined],
        ahead: [],
      },
    ]);
    expect(stream.apply(drafted([4, 0.9]))).toEqual([
      { type: "draft", source: 0, paths: [[]], others: [[]] },
    ]);
    expect(stream.numNodes).toBe(0);
  });

  test("without a draft model nothing is drafted or offered", () => {
    const { stream, first } = open({ sources: [] });
    expect(first).toEqual([]);
    expect(stream.apply(commit(3, [1]))).toHaveLength(1);
    const failing = open().stream;
    failing.apply(drafted([1, 0.9]));
    expect(failing.apply({ type: "draftingEnded", source: 0 })).toEqual([]);
    expect(only(failing.apply(commit(3, [9])), "draft")).toEqual([]);
  });

  test("that ends in the middle of a round leaves nothing to send but credit, on a new stream too", () => {
    const { stream } = open({ isInRounds: true, sources: [source({ bound: 0, width: 1 })] });
    stream.apply(drafted([1, 1]));
    const offers = only(stream.apply({ type: "draftingEnded", source: 0 }), "offer");
    expect(offers).toMatchObject([{ offer: { nodes: [] } }]);
    stream.apply({ type: "lost" });
    expect(only(stream.apply({ type: "opened" }), "offer")).toEqual([]);
  });
});

describe("commits", () => {
  test("say where each token comes from", () => {
    const { stream } = open({ sources: [] });
    const origins = (effects: readonly EdgeEffect[]) =>
      effects.map((effect) => (effect.type === "deliver" ? effect.origin : effect.type));
    expect(origins(stream.apply(commit(3, [1, 2], { numJudged: 3 })))).toEqual([
      "accepted",
      "recovered",
    ]);
    expect(origins(stream.apply(commit(5, [1, 2])))).toEqual(["accepted", "bonus"]);
    expect(origins(stream.apply(commit(7, [1])))).toEqual(["autoregressive"]);
    const mixed = { numJudged: 4, numVerifierDrafted: 3 };
    expect(origins(stream.apply(commit(8, [1, 2, 3], mixed)))).toEqual([
      ...["accepted", "verifier-draft", "recovered"],
    ]);
  });

  test("that are known already are skipped", () => {
    const { stream } = open({ sources: [] });
    stream.apply(commit(3, [1, 2]));
    expect(stream.apply(commit(3, [1, 2]))).toEqual([]);
    expect(stream.apply(commit(4, [2, 3]))).toEqual([
      {
        type: "deliver",
        tokenId: 3,
        origin: "bonus",
        index: 1,
        sources: [],
        evidence: [],
        ahead: [],
      },
    ]);
  });

  test("end the text with an end token, or its last one", () => {
    const { stream } = open();
    expect(stream.apply(commit(3, [1, 0], { numJudged: 4, numAccepted: 2 })).at(-1)).toEqual({
      type: "end",
      reason: "stop",
    });
    expect([stream.isEnded, stream.apply(commit(5, [1]))]).toEqual([true, []]);
    expect(
      open({ maxLength: 4 })
        .stream.apply(commit(3, [1]))
        .at(-1),
    ).toEqual({ type: "end", reason: "length" });
  });

  test.each([
    [commit(5, [1]), "the verifier committed from position 5, the text has 4 tokens"],
    [commit(3, [2, 1]), "the verifier changed token 3, which is committed"],
    [commit(4, [10]), "the verifier committed token 10, ids are below 10"],
    [
      commit(4, [], { numJudged: 0, numAccepted: 0 }),
      "the verifier committed 0 tokens, having accepted 0 of 0",
    ],
    [
      commit(4, [1, 2], { numJudged: 0 }),
      "the verifier committed 2 tokens, having accepted 1 of 0",
    ],
    [
      commit(4, [1, 2], { numAccepted: 0 }),
      "the verifier committed 2 tokens, having accepted 0 of 1",
    ],
  ])("that cannot be right end the stream, not the text (%#)", (event, message) => {
    const { stream } = open({ sources: [] });
    stream.apply(commit(3, [1]));
    const [reopen] = stream.apply(event);
    expect(reopen).toMatchObject({ type: "reopen", why: { code: "unavailable", message } });
    expect(stream.text.tokenIds).toEqual([...prompt, 1]);
    expect(stream.apply(commit(4, [2]))).toEqual([]); // until another stream is open
  });

  test.each([
    [3, [[1, 2, 3], [4]], undefined],
    [0, [[1], [2]], "that it was not asked for"],
    [3, [[1, 2]], "in 1 places, having committed 2 tokens"],
    [3, [[1], [2, 10]], "among them 10, ids are below 10"],
    [3, [[1], [2, -1]], "among them -1, ids are below 10"],
    [3, [[1], [1, 2, 3, 4]], "4 in one place, 4 of them different, asked for 3"],
    [3, [[1], [2, 2]], "2 in one place, 1 of them different, asked for 3"],
    [3, [[1], []], "0 in one place, 0 of them different, asked for 3"],
  ])(
    "asked for %d likely tokens may name as many in each place and no others: %j",
    (numSuccessors, successors, why) => {
      const { stream } = open({ sources: [], numSuccessors });
      const [effect] = stream.apply(commit(3, [5, 6], { successors }));
      if (why === undefined) expect(effect?.type).toBe("deliver");
      else {
        const message = `the verifier named likely tokens: ${why}`;
        expect(effect).toMatchObject({ type: "reopen", why: { code: "unavailable", message } });
      }
    },
  );
});

test("a stream that is opened elsewhere is offered the whole tree again", () => {
  const { stream } = open();
  stream.apply(drafted([1, 0.9]));
  stream.apply(drafted([2, 0.9]));
  stream.apply(commit(3, [1], { numJudged: 0 }));
  expect(stream.apply({ type: "lost" })).toEqual([]);
  expect(only(stream.apply({ type: "opened" }), "offer")).toMatchObject([
    {
      offer: {
        base: new Text([...prompt, 1]).fence(),
        firstId: 1,
        nodes: [{ parent: 0, tokenId: 2 }],
      },
    },
  ]);
  stream.checkIntegrity();
});

test("credit grows with what the reader takes, every 16 tokens if nothing else is sent", () => {
  const { stream } = open({ sources: [], maxLength: 100 });
  const reports: number[] = [];
  for (let length = 3; length < 60; length++) {
    stream.apply(commit(length, [1]));
    for (const effect of stream.apply({ type: "read", length }))
      if (effect.type === "offer") reports.push(effect.offer.credit);
  }
  expect(reports).toEqual([51, 67, 83]);
});

test("a stop ends the text at both ends", () => {
  const { stream } = open();
  expect(stream.apply({ type: "stop" })).toEqual([
    { type: "cancel" },
    { type: "end", reason: "stop" },
  ]);
});

describe("limits", () => {
  const limits = (changes: object): EdgeEvent => ({
    type: "limits",
    source: 0,
    limits: { ...drafting, ...changes },
  });

  test("may change: what was too unlikely is sent and expanded under a lower bound", () => {
    const { stream } = open({ sources: [source({ bound: 0.5 })] });
    expect(stream.apply(drafted([1, 0.4], [2, 0.3]))).toMatchObject([
      { type: "offer", offer: { nodes: [{ tokenId: 1 }] } },
    ]);
    expect(stream.apply(limits({ bound: 0.2, width: 2 }))).toMatchObject([
      { type: "draft", source: 0, paths: [[1], [2]], others: [[], []] },
      { type: "offer", offer: { nodes: [{ tokenId: 2 }] } },
    ]);
  });

  test("of no depth suspend drafting, and the next ones resume it", () => {
    const { stream } = open();
    stream.apply(limits({ maxDepth: 0 }));
    expect(only(stream.apply(drafted([1, 0.9])), "draft")).toEqual([]);
    expect(only(stream.apply(commit(3, [1])), "draft")).toEqual([]);
    expect(only(stream.apply(limits({})), "draft")).toEqual([
      { type: "draft", source: 0, paths: [[]], others: [[]] },
    ]);
  });

  test("change nothing where nothing drafts any longer", () => {
    const { stream } = open();
    stream.apply({ type: "draftingEnded", source: 0 });
    expect(stream.apply(limits({}))).toEqual([]);
  });

  test("have no bound in rounds", () => {
    const rounds = { isInRounds: true };
    const message = "edge stream: bound must be 0 in rounds, is 0.1";
    expect(() => open(rounds)).toThrow(message);
    const { stream } = open({ ...rounds, sources: [source({ bound: 0 })] });
    expect(() => stream.apply(limits({}))).toThrow(message);
  });
});

describe("what a draft model says about further places", () => {
  const placeOf = (...candidates: [number, number][]) => ({
    candidates: candidates.map(([tokenId, chance]) => ({ tokenId, chance })),
    evidence: { place: { candidates: [] } },
  });
  const inParallel = (own: [number, number][], ...further: ReturnType<typeof placeOf>[]) =>
    ({ ...drafted(...own), further: [further] }) as EdgeEvent;
  const nodesOf = (effects: readonly EdgeEffect[]) =>
    effects.flatMap((effect) => (effect.type === "offer" ? effect.offer.nodes : []));

  test("follows the first candidates of those before, and goes out with them", () => {
    const { stream } = open();
    const answer = inParallel(
      [
        [1, 0.7],
        [2, 0.2],
      ],
      placeOf([3, 0.6], [4, 0.3]),
      placeOf([5, 0.5]),
    );
    expect(nodesOf(stream.apply(answer))).toMatchObject([
      { parent: 0, tokenId: 1 },
      { parent: 0, tokenId: 2 },
      { parent: 1, tokenId: 3 },
      { parent: 1, tokenId: 4 },
      { parent: 3, tokenId: 5 },
    ]);
  });

  test("is cut where it is too unlikely, at an end token, and where nothing more fits", () => {
    const chain = [placeOf([3, 0.9]), placeOf([4, 0.9]), placeOf([5, 0.9])];
    const numNodes = (answer: EdgeEvent, terms: Partial<EdgeTerms> = {}) => {
      const { stream } = open(terms);
      stream.apply(answer);
      return stream.numNodes;
    };
    expect(numNodes(inParallel([[1, 0.9]], ...chain))).toBe(4);
    expect(numNodes(inParallel([[1, 0.9]], placeOf([3, 0.1]), ...chain))).toBe(2);
    expect(numNodes(inParallel([[1, 0.9]], placeOf([0, 0.9]), ...chain))).toBe(2);
    expect(numNodes(inParallel([[1, 0.9]], placeOf(), ...chain))).toBe(1);
    expect(numNodes(inParallel([[1, 0.9]], ...chain), { maxLength: 6 })).toBe(2);
    const sources = [source({ maxDepth: 3 })];
    expect(numNodes(inParallel([[1, 0.9]], ...chain), { sources })).toBe(3);
  });

  test("does not keep it from being asked there, and is told what became of each place", () => {
    const { stream } = open();
    const further = placeOf([3, 0.6]);
    const [draft] = stream.apply(inParallel([[1, 0.9]], further));
    expect(draft).toMatchObject({ paths: [[1, 3]] }); // 0.9 * 0.6 against 0.9 * 0.4
    const [next] = stream.apply(drafted([4, 0.1]));
    const known = [{ tokenId: 3, chance: expect.closeTo(0.6) }];
    expect(next).toMatchObject({ paths: [[1]], others: [known] });
    stream.apply({ ...drafted([3, 0.8]), evidence: [{ place: { candidates: [] } }] } as EdgeEvent);
    expect(only(stream.apply(commit(3, [1, 3])), "deliver")).toMatchObject([
      { evidence: [undefined], ahead: [] },
      { evidence: [{ place: {} }], ahead: [further.evidence] },
    ]);
  });

  test("holds where the text has gone that way meanwhile", () => {
    const chain = [placeOf([3, 0.9]), placeOf([4, 0.9]), placeOf([5, 0.9])];
    const right = open().stream;
    right.apply(commit(3, [1]));
    right.apply(commit(4, [3]));
    const effects = right.apply(inParallel([[1, 0.9]], ...chain));
    expect(nodesOf(effects)).toMatchObject([{ tokenId: 4 }, { tokenId: 5 }]);
    right.checkIntegrity();
    for (const text of [[2], [1, 2], [1, 3, 4, 5]]) {
      const { stream } = open();
      stream.apply(commit(3, text));
      expect(nodesOf(stream.apply(inParallel([[1, 0.9]], ...chain)))).toEqual([]);
      expect(stream.numNodes).toBe(0);
    }
  });
});

describe("several sources", () => {
  const table = source({ width: 4 }, true);
  const offersOf = (effects: readonly EdgeEffect[]) =>
    effects.flatMap((effect) => (effect.type === "offer" ? [effect.offer.nodes] : []));

  test("are asked side by side, and what they propose becomes one tree", () => {
    const { stream, first } = open({ sources: [source(), source()] });
    expect(first).toEqual([
      { type: "draft", source: 0, paths: [[]], others: [[]] },
      { type: "draft", source: 1, paths: [[]], others: [[]] },
    ]);
    stream.apply(draftedBy(0, [1, 0.5], [2, 0.4]));
    // The same token again is the same node, as likely as it was last said to be.
    expect(offersOf(stream.apply(draftedBy(1, [2, 0.8], [3, 0.1])))).toMatchObject([
      [{ tokenId: 3, parent: 0 }],
    ]);
    expect(stream.numNodes).toBe(3);
    expect(stream.frontier.places[0]).toMatchObject([
      { tokenId: 2, chance: expect.closeTo(0.8) },
      { tokenId: 1 },
      { tokenId: 3 },
    ]);
  });

  test("that answer at once come first: nothing else is asked or sent until they have", () => {
    const { stream, first } = open({ sources: [source(), table] });
    expect(first).toEqual([{ type: "draft", source: 1, paths: [[]], others: [[]] }]);
    expect(stream.apply(draftedBy(1, [1, 0.9]))).toEqual([
      { type: "draft", source: 1, paths: [[1]], others: [[]] },
    ]);
    const effects = stream.apply(draftedBy(1));
    // The model drafts where the table knows nothing, and the table's draft goes out in one message.
    expect(effects).toMatchObject([
      { type: "draft", source: 0, paths: [[1]], others: [[]] },
      { type: "offer", offer: { nodes: [{ tokenId: 1 }] } },
    ]);
  });

  test("of which several answer at once: each is asked when those before it have nothing more to say", () => {
    const { stream, first } = open({ sources: [table, table] });
    expect(first).toEqual([{ type: "draft", source: 0, paths: [[]], others: [[]] }]);
    expect(stream.apply(draftedBy(0, [1, 0.8]))).toMatchObject([{ source: 0, paths: [[1]] }]);
    expect(stream.apply(draftedBy(0))).toMatchObject([
      { source: 1, paths: [[1], []], others: [[], [{ tokenId: 1, chance: expect.closeTo(0.8) }]] },
    ]);
    stream.checkIntegrity();
  });

  test("are credited with what they proposed, and told what each place became", () => {
    const { stream } = open({ sources: [source(), source()] });
    const place = { place: { candidates: [] } };
    stream.apply(draftedBy(0, [1, 0.5]));
    stream.apply({ ...draftedBy(1, [1, 0.8], [2, 0.1]), evidence: [place] } as EdgeEvent);
    expect(stream.apply(commit(3, [1, 5]))).toMatchObject([
      { origin: "accepted", sources: [0, 1], evidence: [undefined, place] },
      { origin: "bonus", sources: [] },
    ]);
  });

  test("end one by one", () => {
    const { stream } = open({ sources: [source(), table] });
    const effects = stream.apply({ type: "draftingEnded", source: 1 });
    expect(effects).toEqual([{ type: "draft", source: 0, paths: [[]], others: [[]] }]);
    expect(offersOf(stream.apply(draftedBy(0, [1, 0.9])))).toHaveLength(1);
    stream.checkIntegrity();
  });

  test("do not draft in rounds", () => {
    const rounds = { isInRounds: true, sources: [source({ bound: 0 }), source({ bound: 0 })] };
    expect(() => open(rounds)).toThrow("several sources draft in rounds");
  });
});

describe("rounds", () => {
  const rounds = {
    isInRounds: true,
    sources: [source({ bound: 0, maxDepth: 2 })],
  } as const;

  const credits = (effects: readonly EdgeEffect[]) =>
    effects.flatMap((effect) => (effect.type === "offer" ? [effect.offer.credit] : []));

  test("give credit for a forward with the last token of the draft, and draft again after it", () => {
    const { stream } = open(rounds);
    expect(credits(stream.apply(drafted([1, 0.9])))).toEqual([3]);
    expect(credits(stream.apply(drafted([2, 0.9])))).toEqual([4]);
    const effects = stream.apply(commit(3, [1, 9], { numJudged: 2 }));
    expect(effects.slice(2)).toEqual([{ type: "draft", source: 0, paths: [[]], others: [[]] }]);
  });

  test("end where the policy ends the draft", () => {
    const { stream } = open(rounds);
    const effects = stream.apply({ ...drafted([1, 0.9]), isLast: true } as EdgeEvent);
    expect(effects).toMatchObject([
      { type: "offer", offer: { nodes: [{ tokenId: 1 }], credit: 4 } },
    ]);
  });

  test("are asked for again on another stream", () => {
    const { stream } = open(rounds);
    stream.apply({ ...drafted([1, 0.9]), isLast: true } as EdgeEvent);
    stream.apply({ type: "lost" });
    expect(stream.openingCredit).toBe(3);
    expect(stream.apply({ type: "opened" })).toMatchObject([
      { type: "offer", offer: { firstId: 1, nodes: [{ tokenId: 1 }], credit: 4 } },
    ]);
  });
});

test("whatever happens in whatever order, each token of the text is delivered once", () => {
  const anySource = fc.nat(2);
  const event = fc.oneof(
    fc.record({
      kind: fc.constant("commit" as const),
      back: fc.nat(3),
      numTokens: fc.integer({ min: 1, max: 4 }),
    }),
    fc.record({
      kind: fc.constant("drafted" as const),
      source: anySource,
      luck: fc.array(fc.nat(9), { maxLength: 3 }),
    }),
    fc.record({
      kind: fc.constant("limits" as const),
      source: anySource,
      bound: fc.double({ min: 0, max: 1, noNaN: true }),
      maxDepth: fc.nat(8),
    }),
    fc.record({ kind: fc.constant("draftingEnded" as const), source: anySource }),
    fc.record({ kind: fc.constantFrom("opened" as const, "lost" as const, "gap" as const) }),
  );
  const tokenAt = (length: number) => 1 + (length % 9);
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 80 }),
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
      (events, width, immediates) => {
        const sources = immediates.map((isImmediate) => source({ width }, isImmediate));
        const { stream, first } = open({ maxLength: 50, sources });
        const delivered: number[] = [];
        /** Places that each source works on. */
        const asked = new Map<number, number>();
        const see = (effects: readonly EdgeEffect[]) => {
          const isDue = () => [...asked.keys()].some((source) => immediates[source]);
          for (const effect of effects) {
            if (effect.type === "deliver") delivered.push(effect.tokenId);
            if (effect.type === "offer") expect(isDue()).toBe(false);
            if (effect.type !== "draft") continue;
            expect(asked.has(effect.source)).toBe(false);
            expect(!immediates[effect.source] && isDue()).toBe(false);
            asked.set(effect.source, effect.paths.length);
          }
          stream.checkIntegrity();
        };
        see(first);
        for (const one of events) {
          const { length } = stream.text;
          if (one.kind === "commit") {
            const position = Math.max(3, length - one.back);
            const tokens = Array.from({ length: one.numTokens }, (_, i) => tokenAt(position + i));
            see(stream.apply(commit(position, tokens)));
          } else if (one.kind === "drafted") {
            const numPlaces = asked.get(one.source);
            if (numPlaces === undefined) continue;
            asked.delete(one.source);
            const places = Array.from({ length: numPlaces }, () => one.luck);
            const candidates = places.map((luck) =>
              luck.map((tokenId) => ({ tokenId, chance: 0.5 })),
            );
            const further = candidates.map((after) => [
              ...Array.from({ length: 2 }, () => ({
                ...{ candidates: after, evidence: { place: { candidates: [] } } },
              })),
            ]);
            see(stream.apply({ type: "drafted", source: one.source, candidates, further }));
          } else if (one.kind === "limits") {
            const limits = { ...drafting, width, bound: one.bound, maxDepth: one.maxDepth };
            see(stream.apply({ type: "limits", source: one.source, limits }));
          } else if (one.kind === "draftingEnded") {
            asked.delete(one.source);
            see(stream.apply({ type: "draftingEnded", source: one.source }));
          } else if (one.kind === "gap") see(stream.apply(commit(length + 1, [1])));
          else see(stream.apply({ type: one.kind }));
        }
        expect(delivered).toEqual(delivered.map((_, index) => tokenAt(3 + index)));
        expect(stream.text.tokenIds).toEqual([...prompt, ...delivered]);
      },
    ),
    { numRuns: 1000 },
  );
});
