import {
  type Guess,
  type Offer,
  type TargetMessage,
  Text,
  type VerifierSession,
  verdictOf,
} from "@adaedl/core";
import type { ModelThread, RowRead, SlotResult, SlotSettings, SlotStep } from "@adaedl/runtime";
import { plainSettings } from "../engine.cases.ts";
import { TargetEngine, type TargetEngineOptions } from "./target-engine.ts";
import type { TextStart } from "./text-start.ts";

/** An engine with room for everything, unless said otherwise. */
export const engineOn = (
  thread: ModelThread,
  options: Partial<TargetEngineOptions> = {},
): TargetEngine => new TargetEngine(thread, { cacheBytes: 1 << 30, maxSessions: 64, ...options });

/** A text of its own for each seed: 30 tokens, and credit for all of them. */
export function startOf(
  seed: number,
  changes: Partial<TextStart> = {},
  settings: Partial<SlotSettings> = {},
): TextStart {
  const tokenIds = Array.from({ length: 3 + (seed % 20) }, (_, i) => (seed * 31 + i * 7) % 250);
  return {
    sessionId: `s${seed}`,
    client: "client",
    settings: { ...plainSettings, seed, numPromptTokens: tokenIds.length, ...settings },
    tokenIds,
    credit: 10_000,
    maxLength: tokenIds.length + 30,
    endTokenIds: new Set(),
    ...changes,
  };
}

/** One forward of a model that nobody else uses, over a whole text. */
export async function rowsAlone(
  thread: ModelThread,
  settings: SlotSettings,
  tokenIds: readonly number[],
  roundStart: number,
  reads: readonly RowRead[],
) {
  const slotId = await thread.openSlot(settings);
  const keep = new Text().fence();
  const [result] = await thread.forward([{ slotId, keep, tokenIds, roundStart, reads }]);
  await thread.closeSlot(slotId);
  if (result === undefined || "error" in result) throw new Error(`no rows: ${result?.error}`);
  return result.rows;
}

/** What the target says about draft tokens that follow a text, alone and in one forward. */
export async function judgeAlone(
  thread: ModelThread,
  settings: SlotSettings,
  text: readonly number[],
  guesses: readonly Guess[],
) {
  const tokenIds = [...text, ...guesses.map(({ tokenId }) => tokenId)];
  const reads = [...guesses, undefined].map((guess, place): RowRead => {
    const index = text.length - 1 + place;
    return guess === undefined ? { kind: "judge", index } : { kind: "judge", index, guess };
  });
  const rows = (await rowsAlone(thread, settings, tokenIds, text.length, reads)).map((row) => {
    if (row.kind !== "judge") throw new Error("not judged");
    return row;
  });
  const verdict = verdictOf(rows.map(({ judgement }) => judgement));
  const decided = rows.slice(0, verdict.numAccepted + 1);
  return {
    ...verdict,
    logprobs: decided.flatMap(({ logprob = [] }) => logprob),
    topLogprobs: decided.flatMap(({ topLogprobs }) => (topLogprobs ? [topLogprobs] : [])),
  };
}

/** The output of a text as the model writes it alone, token by token. */
export async function outputOf(thread: ModelThread, start: TextStart): Promise<readonly number[]> {
  const text = [...start.tokenIds];
  while (text.length < start.maxLength)
    text.push((await judgeAlone(thread, start.settings, text, [])).nextTokenId);
  return text.slice(start.tokenIds.length);
}

export type CommitMessage = TargetMessage & { readonly type: "commit" };

/** Reads a session to its end. */
export async function readAll(
  session: VerifierSession,
  onCommit: (message: CommitMessage) => void = () => {},
) {
  const messages: TargetMessage[] = [];
  for await (const message of session.messages) {
    messages.push(message);
    if (message.type === "commit") onCommit(message);
  }
  return messages;
}

export const commitsOf = (messages: readonly TargetMessage[]) =>
  messages.filter((message) => message.type === "commit");

export const tokensOf = (messages: readonly TargetMessage[]) =>
  commitsOf(messages).flatMap(({ commit }) => commit.tokenIds);

/** A chain of draft tokens that grows from a text. */
export function chainOffer(
  text: readonly number[],
  firstId: number,
  guesses: readonly (Guess & { readonly chance?: number })[],
  credit = 0,
): Offer {
  const nodes = guesses.map((guess, index) => ({
    chance: 0.5,
    ...guess,
    parent: index === 0 ? 0 : firstId + index - 1,
  }));
  return { base: new Text(text).fence(), firstId, nodes, credit };
}

/** The token of a scripted thread at each place of every text. */
export const scriptedToken = (position: number) => (position * 7) % 50;

/**
 * A thread without a model: whatever the text, the token at a place is `scriptedToken`.
 * @param onForward what each forward waits for
 */
export function scriptedThread(onForward: (steps: readonly SlotStep[]) => Promise<void>) {
  let nextSlotId = 1;
  const open = new Set<number>();
  const forwards: (readonly SlotStep[])[] = [];
  const thread: ModelThread = {
    info: {
      format: "safetensors",
      weights: "f32",
      vocabSize: 50,
      contextLength: 10_000,
      rowBytes: 1,
      rowBlock: 1,
      provider: "none",
    },
    async openSlot() {
      open.add(nextSlotId);
      return nextSlotId++;
    },
    async forkSlot() {
      throw new Error("not scripted");
    },
    async closeSlot(slotId) {
      open.delete(slotId);
    },
    async forward(steps) {
      forwards.push(steps);
      await onForward(steps);
      return steps.map(resultOf);
    },
    async close() {},
    async [Symbol.asyncDispose]() {},
  };
  return { thread, forwards, numOpen: () => open.size };
}

function resultOf({ keep, reads }: SlotStep): SlotResult {
  const rows = reads.map((read) => {
    const tokenId = scriptedToken(keep.length + read.index + 1);
    const isAccepted = read.kind === "judge" && read.guess?.tokenId === tokenId;
    return { kind: "judge" as const, judgement: { tokenId, isAccepted } };
  });
  return { rows };
}

/** Draft tokens that a scripted thread accepts: those from place `from` on. */
export const rightGuesses = (from: number, count: number, chance = 0.5) =>
  Array.from({ length: count }, (_, index) => ({ tokenId: scriptedToken(from + index), chance }));

/** Lets forwards begin one by one. */
export function createGate() {
  let letGo: () => void = () => {};
  let isOpen = false;
  let onArrival: () => void = () => {};
  return {
    async pass(): Promise<void> {
      if (isOpen) return;
      await new Promise<void>((resolve) => {
        letGo = resolve;
        onArrival();
      });
    },
    /** Resolves when the next forward has begun. */
    arrival: () =>
      new Promise<void>((resolve) => {
        onArrival = resolve;
      }),
    /** Ends the forward that waits, and begins to wait for the next one. */
    async next(): Promise<void> {
      const arrival = this.arrival();
      letGo();
      await arrival;
    },
    open(): void {
      isOpen = true;
      letGo();
    },
  };
}
