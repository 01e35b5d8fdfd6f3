import { setTimeout as sleep } from "node:timers/promises";
import { type Guess, type OfferedNode, Text, verificationRuleNames } from "@adaedl/core";
import type { ModelThread } from "@adaedl/runtime";
import { createTestRandom } from "@adaedl/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countingSlots, createTinyModels } from "../engine.cases.ts";
import {
  type CommitMessage,
  chainOffer,
  commitsOf,
  engineOn,
  judgeAlone,
  outputOf,
  readAll,
  rowsAlone,
  startOf,
  tokensOf,
} from "./target-engine.cases.ts";
import type { TargetEngine } from "./target-engine.ts";
import type { TextStart } from "./text-start.ts";

const models = createTinyModels();
let thread: ModelThread;
beforeAll(async () => {
  thread = await models.open("target", { architecture: "llama", contextLength: 300 });
});
afterAll(() => models.close());

/** An edge that offers right, wrong and impossible draft tokens whenever it likes, and reads all along. */
async function disturb(engine: TargetEngine, start: TextStart, output: readonly number[]) {
  const random = createTestRandom(start.settings.seed);
  const whole = [...start.tokenIds, ...output];
  const session = engine.open({ ...start, credit: start.tokenIds.length + 4 });
  const text = [...start.tokenIds];
  let nextId = 1;
  let isOver = false;
  const offers = (async () => {
    while (!isOver) {
      const from = text.length - random.integer(3);
      const nodes: OfferedNode[] = [];
      for (let place = 0; place < random.integer(7); place++) {
        const isRight = random.next() < 0.7;
        const parent = place === 0 ? 0 : nextId + random.integer(place);
        const tokenId = isRight ? (whole[from + place] ?? 0) : random.integer(260);
        nodes.push({ parent, tokenId, chance: 0.05 + 0.95 * random.next() });
      }
      const isBased = from >= start.tokenIds.length || random.next() < 0.5;
      const base = isBased ? new Text(text.slice(0, from)).fence() : undefined;
      session.offer({ base, firstId: nextId, nodes, credit: text.length + 8 });
      nextId += nodes.length;
      await sleep(random.integer(3));
    }
  })();
  const messages = await readAll(session, ({ commit }) => text.push(...commit.tokenIds));
  isOver = true;
  await offers;
  return messages;
}

const seeds = Array.from({ length: 6 }, (_, index) => index + 1);

describe("streams", () => {
  it("have the target's own text, whatever is offered and whenever, in whatever company", async () => {
    const counting = countingSlots(thread);
    const engine = engineOn(counting.thread, { step: { maxTokens: 40, maxSlots: 4 } });
    const starts = seeds.map((seed) => startOf(seed));
    const outputs = await Promise.all(starts.map((start) => outputOf(thread, start)));
    const read = await Promise.all(
      starts.map((start, index) => disturb(engine, start, outputs[index] as number[])),
    );
    expect(read.map(tokensOf)).toEqual(outputs);
    for (const messages of read) {
      expect(messages[0]).toMatchObject({ type: "opened", numForwards: 1 });
      expect(messages.at(-1)).toEqual({ type: "finished", reason: "length" });
    }
    const commits = read.flatMap(commitsOf);
    const judged = commits.filter(({ commit }) => commit.numJudged > 0);
    expect(judged.some(({ commit }) => commit.numAccepted > 1)).toBe(true);
    expect(judged.some(({ commit }) => commit.numAccepted < commit.numJudged)).toBe(true);
    expect(judged.length).toBeLessThan(commits.length);
    expect(Math.max(...commits.map(({ facts }) => facts.batchSize))).toBeGreaterThan(1);
    expect(engine).toMatchObject({ numSessions: 0, cacheBytesUsed: 0, numEvicted: 0 });
    await expect.poll(counting.numOpen).toBe(0);
  });

  it("come with the log-probabilities of what is committed, cut where the text ends", async () => {
    const wanted = { wantsLogprobs: true, numTopLogprobs: 2 };
    const plain = startOf(3, {}, wanted);
    const output = await outputOf(thread, plain);
    // The end token's first place, in the middle of the draft.
    const endToken = output[4] as number;
    const end = output.indexOf(endToken);
    const start = { ...plain, endTokenIds: new Set([endToken]) };
    const session = engineOn(thread).open(start);
    const guesses = output.slice(0, end + 4).map((tokenId) => ({ tokenId, chance: 0.99 }));
    session.offer(chainOffer(start.tokenIds, 1, guesses));
    const messages = await readAll(session);
    expect(tokensOf(messages)).toEqual(output.slice(0, end + 1));
    expect(messages.at(-1)).toEqual({ type: "finished", reason: "stop" });
    const text = [...start.tokenIds];
    for (const { commit, facts } of commitsOf(messages)) {
      const draft = commit.tokenIds.map((tokenId) => ({ tokenId }));
      const alone = await judgeAlone(thread, start.settings, text, draft);
      const { length } = commit.tokenIds;
      expect(facts.logprobs).toEqual(alone.logprobs.slice(0, length));
      expect(facts.topLogprobs).toEqual(alone.topLogprobs.slice(0, length));
      expect(facts.topLogprobs.map((top) => top.length)).toEqual(Array(length).fill(2));
      text.push(...commit.tokenIds);
    }
  });

  it("go on elsewhere from what is committed", async () => {
    const start = startOf(5);
    const output = await outputOf(thread, start);
    const tokenIds = [...start.tokenIds, ...output.slice(0, 11)];
    const messages = await readAll(engineOn(thread).open({ ...start, tokenIds }));
    expect(tokensOf(messages)).toEqual(output.slice(11));
    expect(messages[1]).toMatchObject({ type: "commit", commit: { position: tokenIds.length } });
  });

  it("of a single token need no forward to open", async () => {
    const start = startOf(1, { tokenIds: [7], maxLength: 5 });
    const messages = await readAll(engineOn(thread).open(start));
    expect(messages[0]).toMatchObject({ type: "opened", numForwards: 0, verifyMs: 0 });
    expect(tokensOf(messages)).toEqual(await outputOf(thread, start));
  });

  it("end at the token that was asked for when they are cancelled", async () => {
    const session = engineOn(thread).open(startOf(2, { maxLength: 290 }));
    const messages = await readAll(session, () => session.cancel());
    expect(messages.map(({ type }) => type)).toEqual(["opened", "commit", "finished"]);
    expect(messages.at(-1)).toMatchObject({ reason: "cancelled" });
  });
});

describe.each(verificationRuleNames)("rounds by %s", (verification) => {
  const wanted = { verification, wantsLogprobs: true, numTopLogprobs: 2 };
  /** The first draft comes before the first forward. */
  const roundsOf = (seed: number) => {
    const start = startOf(seed, {}, wanted);
    return { ...start, credit: start.tokenIds.length };
  };

  /** Draft tokens as a draft model would make them that is the target itself, now and then wrong. */
  async function draft({ settings }: TextStart, text: readonly number[]): Promise<Guess[]> {
    const guesses: Guess[] = [];
    while (guesses.length < text.length % 4) {
      const tokenIds = [...text, ...guesses.map(({ tokenId }) => tokenId)];
      const read = { kind: "guess" as const, index: tokenIds.length - 1 };
      const [row] = await rowsAlone(thread, settings, tokenIds, text.length, [read]);
      if (row?.kind !== "guess") throw new Error("no guess");
      const other = row.guess.distribution?.tokenIds.at(-1) ?? (row.guess.tokenId + 1) % 250;
      guesses.push(tokenIds.length % 5 === 0 ? { ...row.guess, tokenId: other } : row.guess);
    }
    return guesses;
  }

  it("are one forward for each draft, and verify it as it was made", async () => {
    const engine = engineOn(thread);
    const play = async (seed: number) => {
      const start = roundsOf(seed);
      const session = engine.open(start);
      const messages = session.messages[Symbol.asyncIterator]();
      expect((await messages.next()).value).toMatchObject({ type: "opened" });
      const text = [...start.tokenIds];
      let firstId = 1;
      const accepted = new Set<number>();
      while (text.length < start.maxLength - 4) {
        const guesses = await draft(start, text);
        session.offer(chainOffer(text, firstId, guesses, text.length + 1));
        firstId += guesses.length;
        const { commit, facts } = (await messages.next()).value as CommitMessage;
        const { numAccepted, nextTokenId, ...alone } = await judgeAlone(
          thread,
          start.settings,
          text,
          guesses,
        );
        const right = guesses.slice(0, numAccepted).map(({ tokenId }) => tokenId);
        const tokenIds = [...right, nextTokenId];
        expect(commit).toEqual({
          position: text.length,
          tokenIds,
          numJudged: guesses.length,
          numAccepted,
        });
        expect(facts).toMatchObject(alone);
        text.push(...tokenIds);
        accepted.add(numAccepted);
      }
      session.close();
      return accepted;
    };
    const accepted = await Promise.all([2, 3, 4].map(play));
    expect(accepted.some((counts) => counts.size > 2)).toBe(true);
    expect(engine).toMatchObject({ numSessions: 0, cacheBytesUsed: 0 });
  });

  it("reject a draft token that the target does not have, and what follows it", async () => {
    const start = roundsOf(6);
    const { vocabSize } = thread.info;
    const first = await judgeAlone(thread, start.settings, start.tokenIds, []);
    const distribution = {
      tokenIds: Int32Array.of(first.nextTokenId, vocabSize + 5),
      weights: Float32Array.of(0.5, 0.5),
    };
    for (const unknownAt of [0, 1]) {
      const right = { tokenId: first.nextTokenId, distribution };
      const unknown = { tokenId: vocabSize + 5, distribution };
      const guesses = [right, unknown, right].slice(1 - unknownAt);
      const session = engineOn(thread).open(start);
      session.offer(chainOffer(start.tokenIds, 1, guesses, start.credit + 1));
      let seen: CommitMessage | undefined;
      await readAll(session, (message) => {
        seen = message;
        session.close();
      });
      expect(seen?.commit.numJudged).toBe(unknownAt + 1);
      expect(seen?.commit.numAccepted).toBeLessThanOrEqual(unknownAt);
      expect(seen?.commit.tokenIds.every((tokenId) => tokenId < vocabSize)).toBe(true);
    }
  });
});
