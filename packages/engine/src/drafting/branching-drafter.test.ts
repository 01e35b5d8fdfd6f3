import { createRandomness, Text } from "@adaedl/core";
import type { VocabularyMap } from "@adaedl/model";
import type { ModelThread, SlotSettings } from "@adaedl/runtime";
import { createTestRandom } from "@adaedl/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countingSlots, createTinyModels, plainSettings } from "../engine.cases.ts";
import { type BranchingDrafter, openBranchingDrafter } from "./branching-drafter.ts";

const contextLength = 96;
const models = createTinyModels();
let thread: ModelThread;

beforeAll(async () => {
  thread = await models.open("draft", { architecture: "llama", seed: 3, contextLength });
});
afterAll(() => models.close());

const prompt = [7, 3, 11, 200, 42, 8, 9, 150, 77];
const settingsAt = (temperature: number, more: Partial<SlotSettings> = {}): SlotSettings => ({
  ...plainSettings,
  sampling: { ...plainSettings.sampling, temperature },
  ...more,
});

async function placesOf(
  drafter: BranchingDrafter,
  text: Text,
  paths: readonly (readonly number[])[],
  signal?: AbortSignal,
) {
  const proposal = await drafter.propose(text, text.length, paths, 3, signal);
  if ("obstacle" in proposal) throw new Error(`an obstacle: ${proposal.obstacle}`);
  return proposal.places;
}

/** What a drafter that has never seen anything else proposes, place by place. */
async function freshPlaces(
  settings: SlotSettings,
  text: Text,
  paths: readonly (readonly number[])[],
) {
  const places = [];
  for (const path of paths) {
    await using drafter = await openBranchingDrafter(thread, settings, { width: 1 });
    places.push(...(await placesOf(drafter, text, [path])));
  }
  return places;
}

/** A thread that counts forwards and the tokens in them. */
function metered(inner: ModelThread) {
  const forwards: number[][] = [];
  const counting = countingSlots(inner);
  const thread: ModelThread = {
    ...counting.thread,
    forward(steps, signal) {
      forwards.push(steps.map(({ tokenIds }) => tokenIds.length));
      return inner.forward(steps, signal);
    },
  };
  return { thread, forwards, numOpen: counting.numOpen };
}

describe("candidates are those of a drafter that has only ever seen this text and path", () => {
  it.each([
    ["shared noise", settingsAt(1)],
    ["temperature 0", settingsAt(0)],
    ["the rejection rule", settingsAt(1, { verification: "rejection" })],
    [
      "penalties",
      settingsAt(0.8, {
        sampling: { ...plainSettings.sampling, temperature: 0.8, presencePenalty: 1 },
      }),
    ],
  ])("%s", async (_, settings) => {
    const random = createTestRandom(9);
    const meter = metered(thread);
    {
      await using drafter = await openBranchingDrafter(meter.thread, settings, { width: 4 });
      const text = new Text(prompt);
      let paths: (readonly number[])[] = [[]];
      while (text.length < contextLength - 12) {
        const numBefore = drafter.numForwards;
        const places = await placesOf(drafter, text, paths);
        expect(places).toEqual(await freshPlaces(settings, text, paths));
        expect(drafter.numForwards - numBefore).toBe(1);
        // The next paths: what the text leaves of their children, the root, and any others.
        let open = paths.flatMap((path, place) =>
          (places[place]?.candidates ?? []).map(({ tokenId }) => [...path, tokenId]),
        );
        const numCommitted = random.integer(3);
        for (let count = 0; count < numCommitted; count++) {
          const drafted = random.next() < 0.7 ? open[random.integer(open.length || 1)] : undefined;
          const tokenId = drafted?.[0] ?? random.integer(250);
          text.append(tokenId);
          open = open.flatMap(([first, ...rest]) => (first === tokenId ? [rest] : []));
        }
        const strange = [[random.integer(250)], [random.integer(250), random.integer(250)]];
        const wanted = new Map([[], ...open, ...strange].map((path) => [path.join(" "), path]));
        paths = [...wanted.values()]
          .sort(() => random.next() - 0.5)
          .slice(0, 1 + random.integer(4));
      }
      expect(drafter.numForwards).toBe(meter.forwards.length);
      expect(meter.forwards.some((tokens) => tokens.length === 4)).toBe(true);
      expect(meter.numOpen()).toBe(4);
    }
    expect(meter.numOpen()).toBe(0);
  });

  it("at the length that it is asked for, though the text has grown", async () => {
    await using drafter = await openBranchingDrafter(thread, plainSettings, { width: 2 });
    const [text, grown] = [new Text(prompt), new Text([...prompt, 5, 6])];
    const paths = [[], [1]];
    const proposal = await drafter.propose(grown, prompt.length, paths, 3);
    expect(proposal).toEqual({ places: await freshPlaces(plainSettings, text, paths) });
  });

  it("after a forward that was aborted", async () => {
    await using drafter = await openBranchingDrafter(thread, plainSettings, { width: 3 });
    const text = new Text(prompt);
    await placesOf(drafter, text, [[]]);
    for (const paths of [[[1]], [[1], [2], [3, 4]]]) {
      const controller = new AbortController();
      const aborted = placesOf(drafter, text, paths, controller.signal);
      controller.abort();
      await expect(aborted).rejects.toMatchObject({ code: "cancelled" });
    }
    const paths = [[2], [], [3]];
    expect(await placesOf(drafter, text, paths)).toEqual(
      await freshPlaces(plainSettings, text, paths),
    );
  });
});

describe("slots", () => {
  const longText = Array.from({ length: 60 }, (_, index) => (index * 37) % 250);

  it("are opened when there is use for them, and computed once", async () => {
    const meter = metered(thread);
    await using drafter = await openBranchingDrafter(meter.thread, plainSettings, { width: 4 });
    const text = new Text(longText);
    await placesOf(drafter, text, [[]]);
    expect([meter.numOpen(), meter.forwards]).toEqual([1, [[60]]]);
    await placesOf(drafter, text, [[1], [2], [2, 3]]);
    expect([meter.numOpen(), meter.forwards.at(-1)]).toEqual([3, [1, 1, 2]]);
  });

  it("that were not used for long become copies of those that were", async () => {
    const meter = metered(thread);
    await using drafter = await openBranchingDrafter(meter.thread, plainSettings, { width: 2 });
    const text = new Text(prompt);
    await placesOf(drafter, text, [[1], [2]]);
    for (const tokenId of longText.slice(0, 40)) {
      text.append(tokenId);
      await placesOf(drafter, text, [[]]);
    }
    await placesOf(drafter, text, [[3], [4]]);
    expect(meter.forwards.at(-1)).toEqual([1, 1]);
    expect(meter.numOpen()).toBe(2);
  });

  it("follow the branch that they hold already", async () => {
    const meter = metered(thread);
    await using drafter = await openBranchingDrafter(meter.thread, plainSettings, { width: 2 });
    const text = new Text(prompt);
    await placesOf(drafter, text, [[1], [2]]);
    await placesOf(drafter, text, [
      [2, 5],
      [1, 6],
    ]);
    text.append(2);
    await placesOf(drafter, text, [[5, 7], [9]]);
    expect(meter.forwards.slice(-2)).toEqual([
      [1, 1],
      [1, 2],
    ]);
  });

  it("are all closed, also one that is opened meanwhile", async () => {
    const meter = metered(thread);
    const closing: ModelThread = {
      ...meter.thread,
      async forkSlot(slotId, signal) {
        const forkedId = await meter.thread.forkSlot(slotId, signal);
        await drafter.close();
        return forkedId;
      },
    };
    const drafter = await openBranchingDrafter(closing, plainSettings, { width: 2 });
    await expect(placesOf(drafter, new Text(prompt), [[1], [2]])).rejects.toMatchObject({
      code: "cancelled",
      message: "the drafter was closed",
    });
    await drafter.close();
    expect(meter.numOpen()).toBe(0);
  });
});

describe("a long text", () => {
  const text = new Text(Array.from({ length: 70 }, (_, index) => (index * 31) % 250));

  it("is computed in pieces, for several places too", async () => {
    for (const paths of [[[]], [[1], [2]]]) {
      const meter = metered(thread);
      const paced = { ...meter.thread, pieceLength: () => 20 };
      await using drafter = await openBranchingDrafter(paced, plainSettings, { width: 2 });
      expect(await placesOf(drafter, text, paths)).toEqual(
        await freshPlaces(plainSettings, text, paths),
      );
      expect(meter.forwards.flat().every((numTokens) => numTokens <= 20)).toBe(true);
      expect(meter.forwards).toHaveLength(4);
    }
  });

  it("is computed in advance but for its last token", async () => {
    const meter = metered(thread);
    await using drafter = await openBranchingDrafter(meter.thread, plainSettings, { width: 2 });
    await drafter.prefill(text.tokenIds);
    expect(meter.forwards).toEqual([[69]]);
    await placesOf(drafter, text, [[]]);
    expect(meter.forwards).toEqual([[69], [1]]);
  });
});

describe("the draft model's own context limit", () => {
  const textOf = (length: number) => new Text(Array.from({ length }, (_, index) => index % 250));

  it("leaves places beyond it without candidates", async () => {
    await using drafter = await openBranchingDrafter(thread, plainSettings, { width: 3 });
    const text = textOf(contextLength - 1);
    const [beyond, root] = await placesOf(drafter, text, [[1], []]);
    expect(beyond).toEqual({ entropy: 0, topProb: 0, candidates: [] });
    expect([root]).toEqual(await freshPlaces(plainSettings, text, [[]]));
    expect(await placesOf(drafter, text, [[1, 2]])).toEqual([beyond]);
  });

  it("is an obstacle from there on", async () => {
    await using drafter = await openBranchingDrafter(thread, plainSettings, { width: 3 });
    await drafter.prefill(textOf(contextLength + 3).tokenIds);
    for (const length of [contextLength, contextLength + 3])
      expect(await drafter.propose(textOf(length), length, [[]], 3)).toEqual({
        obstacle: "draft_context",
      });
    expect(drafter.numForwards).toBe(0);
  });
});

describe("a draft model that drafts in parallel", () => {
  const maskTokenId = 11;
  const depth = 4;
  let parallel: ModelThread;
  beforeAll(async () => {
    const configFields = { adaedl_parallel: { mask_token_id: maskTokenId, depth } };
    const weights = { architecture: "llama", seed: 3, contextLength } as const;
    parallel = await models.open("parallel", { ...weights, configFields });
  });
  const ask = async (
    drafter: BranchingDrafter,
    text: Text,
    paths: readonly (readonly number[])[],
  ) => {
    const proposal = await drafter.propose(text, text.length, paths, 3);
    if ("obstacle" in proposal) throw new Error(`an obstacle: ${proposal.obstacle}`);
    return proposal.places.map((place, index) => [place, ...(proposal.further?.[index] ?? [])]);
  };

  it.each([
    ["shared noise", settingsAt(1)],
    ["temperature 0", settingsAt(0)],
    ["the rejection rule", settingsAt(1, { verification: "rejection" })],
  ])("says under %s what one says that reads masks as tokens of the text", async (_, settings) => {
    const meter = metered(parallel);
    await using drafter = await openBranchingDrafter(meter.thread, settings, { width: 3 });
    for (const length of [4, 9, prompt.length]) {
      const text = new Text(prompt.slice(0, length)); // each one leaves no trace in the next
      const paths = [[], [1], [1, 2]];
      const said = await ask(drafter, text, paths);
      for (const [index, path] of paths.entries()) {
        const places = said[index] ?? [];
        expect(places).toHaveLength(depth);
        for (const [numMasks, place] of places.entries()) {
          await using fresh = await openBranchingDrafter(parallel, settings, { width: 1 });
          const masked = [...path, ...Array<number>(numMasks).fill(maskTokenId)];
          const [[alone] = []] = await ask(fresh, text, [masked]);
          expect(place).toEqual(numMasks === 0 ? alone : { ...alone, numMasks });
        }
      }
    }
    expect(meter.forwards).toHaveLength(3);
    expect(meter.forwards.at(-1)?.every((numTokens) => numTokens >= depth)).toBe(true);
  });

  it("never drafts its mask", async () => {
    const sampling = { ...plainSettings.sampling, logitBias: new Map([[maskTokenId, 50]]) };
    for (const temperature of [0, 1])
      for (const verification of ["shared-noise", "rejection"] as const) {
        const settings = { ...plainSettings, sampling: { ...sampling, temperature }, verification };
        await using drafter = await openBranchingDrafter(parallel, settings, { width: 1 });
        const [places = []] = await ask(drafter, new Text(prompt), [[]]);
        const drafted = places.flatMap(({ candidates }) => candidates);
        expect(drafted.length).toBeGreaterThanOrEqual(depth);
        expect(drafted.map(({ tokenId }) => tokenId)).not.toContain(maskTokenId);
        for (const { distribution } of drafted)
          expect([...(distribution?.tokenIds ?? [])]).not.toContain(maskTokenId);
      }
  });

  it("says less where its context ends", async () => {
    await using drafter = await openBranchingDrafter(parallel, plainSettings, { width: 1 });
    const text = new Text(Array.from({ length: contextLength - 2 }, (_, index) => index % 250));
    expect(await ask(drafter, text, [[]])).toMatchObject([[{}, { numMasks: 1 }]]);
    expect(await ask(drafter, text, [[1]])).toMatchObject([[{}]]);
    expect(await ask(drafter, text, [[1, 2]])).toEqual([
      [{ entropy: 0, topProb: 0, candidates: [] }],
    ]);
  });
});

describe("of another vocabulary", () => {
  // The target's ids run backwards, and its token 7 is two of the draft's.
  const last = 249;
  const reversed = (tokenId: number) => last - tokenId;
  const toDraft = (ids: readonly number[]) =>
    ids.flatMap((id) => (id === 7 ? [200, 3] : id > last ? [] : [reversed(id)]));
  const targetIds = Int32Array.from({ length: last + 1 }, (_, id) =>
    reversed(id) === 7 ? -1 : reversed(id),
  );
  const vocabulary: VocabularyMap = {
    shared: {
      targetIds,
      sharedIds: Int32Array.from(targetIds.keys()).filter((id) => targetIds[id] !== -1),
    },
    ...{ isSame: false, commonShare: 0.99 },
    toDraft,
    draftIdOf: (id) => (id === 7 || id > last ? undefined : reversed(id)),
  };
  const tokenIds = [5, 7, 100, 30];
  const rowAfter = async (ids: readonly number[]) => {
    const slotId = await thread.openSlot(plainSettings);
    const reads = [{ kind: "logits", index: ids.length - 1 }] as const;
    const step = { slotId, keep: new Text().fence(), tokenIds: ids, reads, roundStart: 0 };
    const [result] = await thread.forward([step]);
    await thread.closeSlot(slotId);
    if (result === undefined || "error" in result || result.rows[0]?.kind !== "logits")
      throw new Error("no logits");
    return result.rows[0].logits;
  };

  it.each([0, 1])("drafts at temperature %d what a target of its own odds would say", async (T) => {
    const settings = settingsAt(T);
    await using drafter = await openBranchingDrafter(thread, settings, { width: 2, vocabulary });
    const paths = [[], [12, 99]];
    const places = await placesOf(drafter, new Text(tokenIds), paths);
    for (const [index, path] of paths.entries()) {
      const logits = await rowAfter([...toDraft(tokenIds), ...toDraft(path)]);
      const asTarget = Float32Array.from({ length: last + 1 }, (_, id) =>
        id === 7 ? Number.NEGATIVE_INFINITY : (logits[reversed(id)] as number),
      );
      const position = tokenIds.length + path.length; // of the target's text
      const key = { purpose: "token", position, roundStart: 0 } as const;
      const distribution = { logits: asTarget, inverseTemperature: 1, entropy: 0 };
      const wanted =
        T === 0
          ? asTarget.indexOf(Math.max(...asTarget))
          : createRandomness(settings.seed).chooseToken(distribution, key);
      expect(places[index]?.candidates[0]?.tokenId).toBe(wanted);
    }
  });

  it("waits for a text that has a token it knows, and counts its context in its own tokens", async () => {
    await using drafter = await openBranchingDrafter(thread, plainSettings, {
      ...{ width: 1, vocabulary },
    });
    expect(await drafter.propose(new Text([400]), 1, [[]], 3)).toEqual({ places: [] });
    const long = new Text(Array(contextLength / 2).fill(7));
    expect(await drafter.propose(long, long.length, [[]], 3)).toEqual({
      obstacle: "draft_context",
    });
    await drafter.prefill(long.tokenIds);
    expect(drafter.numForwards).toBe(0);
  });

  it("takes a bias of a target's token to its own", async () => {
    const settings = settingsAt(0);
    const logitBias = new Map([
      [42, 100],
      [7, 100], // which it does not have
    ]);
    const biased = { ...settings, sampling: { ...settings.sampling, logitBias } };
    await using drafter = await openBranchingDrafter(thread, biased, { width: 1, vocabulary });
    const [place] = await placesOf(drafter, new Text(tokenIds), [[]]);
    expect(place?.candidates[0]?.tokenId).toBe(42);
  });
});

it.each([0, 5, 1.5])("refuses a width of %d", async (width) => {
  await expect(openBranchingDrafter(thread, plainSettings, { width })).rejects.toMatchObject({
    code: "invalid_argument",
    message: `width must be a whole number from 1 to 4, got ${width}`,
  });
});
