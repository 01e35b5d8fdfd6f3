import { type DraftToken, type Round, Text } from "@adaedl/core";
import type { ModelThread } from "@adaedl/runtime";
import { greedyDecode, loadReferenceModel } from "@adaedl/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTinyModels, plainSettings } from "./engine.cases.ts";
import { createStepScheduler } from "./step-scheduler.ts";
import { openTargetSession } from "./target-session.ts";

const models = createTinyModels();
const settings = { ...plainSettings, sampling: { ...plainSettings.sampling, temperature: 0 } };
const prompt = [5, 17, 130, 44];
let thread: ModelThread;
/** What the target writes greedily after the prompt, by the reference implementation. */
let truth: number[];

beforeAll(async () => {
  thread = await models.open("target", { architecture: "llama", seed: 11, contextLength: 600 });
  truth = greedyDecode(loadReferenceModel(models.directory("target")), prompt, 12);
});
afterAll(() => models.close());

async function* drafted(tokenIds: readonly number[], from: number): AsyncGenerator<DraftToken> {
  for (const [index, tokenId] of tokenIds.entries())
    yield { tokenId, position: from + index, entropy: 0 };
}

function roundAfter(numTrue: number): Round {
  const text = new Text([...prompt, ...truth.slice(0, numTrue)]);
  return { number: 0, text, numPromptTokens: prompt.length, numPlainTokens: 0 };
}

const wrong = (tokenId: number) => (tokenId + 1) % 250;

it.each([0, 1, 2, 3, 4])(
  "accepts guesses up to the first wrong one (%i right)",
  async (numRight) => {
    await using session = await openTargetSession(thread, settings);
    const guesses = truth.slice(0, 4).map((id, index) => (index < numRight ? id : wrong(id)));
    const verdict = await session.verify(roundAfter(0), drafted(guesses, prompt.length));
    expect(verdict).toEqual({ numAccepted: numRight, nextTokenId: truth[numRight] });
  },
);

it("refuses a guess from beyond its vocabulary, and what follows it", async () => {
  await using session = await openTargetSession(thread, settings);
  const guesses = [truth[0] as number, thread.info.vocabSize, truth[2] as number];
  const verdict = await session.verify(roundAfter(0), drafted(guesses, prompt.length));
  expect(verdict).toEqual({ numAccepted: 1, nextTokenId: truth[1] });
});

it("under the rejection rule draws after an unknown guess as after any hopeless one", async () => {
  const sampling = { ...plainSettings.sampling, temperature: 2, topK: 4 };
  const position = prompt.length;
  const likely = truth[0] as number; // greedy: the most probable token
  const draw = async (seed: number, hopeless: number | undefined) => {
    const settings = { ...plainSettings, sampling, seed, verification: "rejection" as const };
    await using session = await openTargetSession(thread, settings);
    const tokenIds = Int32Array.of(hopeless ?? 0, likely);
    const distribution = { tokenIds, weights: Float32Array.of(0.5, 0.5) };
    async function* draft(): AsyncGenerator<DraftToken> {
      if (hopeless !== undefined) yield { tokenId: hopeless, position, entropy: 0, distribution };
    }
    return (await session.verify(roundAfter(0), draft())).nextTokenId;
  };
  let numOther = 0;
  for (let seed = 0; seed < 40; seed++) {
    const unknown = await draw(seed, thread.info.vocabSize + 5);
    expect(unknown).toBe(await draw(seed, wrong(likely)));
    if (unknown !== (await draw(seed, undefined))) numOther++;
  }
  expect(numOther).toBeGreaterThan(0);
});

it("goes on from what was accepted, one forward a round", async () => {
  await using session = await openTargetSession(thread, settings);
  const first = [truth[0] as number, wrong(truth[1] as number), 3];
  await session.verify(roundAfter(0), drafted(first, prompt.length));
  const second = truth.slice(2, 6);
  const verdict = await session.verify(roundAfter(2), drafted(second, prompt.length + 2));
  expect(verdict).toEqual({ numAccepted: 4, nextTokenId: truth[6] });
  expect(session.numForwards).toBe(2);
});

it("decodes plainly when nothing was drafted", async () => {
  await using session = await openTargetSession(thread, settings);
  for (let index = 0; index < 5; index++) {
    const verdict = await session.verify(roundAfter(index), drafted([], 0));
    expect(verdict).toEqual({ numAccepted: 0, nextTokenId: truth[index] });
  }
});

it("takes a long prompt in pieces and answers as for a short one", async () => {
  const long = Array.from({ length: 530 }, (_, index) => (index * 31 + 7) % 290);
  const round = {
    number: 0,
    text: new Text(long),
    numPromptTokens: long.length,
    numPlainTokens: 0,
  };
  await using pieces = await openTargetSession(thread, settings);
  const verdict = await pieces.verify(round, drafted([1, 2], long.length));
  expect(pieces.numForwards).toBe(3);

  await using grown = await openTargetSession(thread, settings);
  await grown.verify({ ...round, text: new Text(long.slice(0, 100)) }, drafted([], 0));
  await grown.verify({ ...round, text: new Text(long.slice(0, 300)) }, drafted([], 0));
  expect(await grown.verify(round, drafted([1, 2], long.length))).toEqual(verdict);
});

it("tells how long a round took on a thread that is shared, and not on one that cannot know", async () => {
  await using shared = await openTargetSession(createStepScheduler(thread), settings);
  const { timing } = await shared.verify(roundAfter(0), drafted([], 0));
  expect(timing?.verifyMs).toBeGreaterThan(0);
  expect(timing?.queueMs).toBeGreaterThanOrEqual(0);
  await using alone = await openTargetSession(thread, settings);
  expect(await alone.verify(roundAfter(0), drafted([], 0))).not.toHaveProperty("timing");
});
