import { type DraftToken, type RoundVerdict, Text } from "@adaedl/core";
import type { ModelThread, SlotSettings } from "@adaedl/runtime";
import { openDraftSession } from "./draft-session.ts";
import { plainSettings } from "./engine.cases.ts";
import {
  createTargetEngine,
  type RoundAnswer,
  type RoundRequest,
  type TargetEngine,
  type TargetEngineOptions,
} from "./target-engine.ts";
import { openTargetSession } from "./target-session.ts";

/** A session as a test plays it. */
export interface Part {
  readonly prompt: readonly number[];
  readonly settings: SlotSettings;
  readonly numTokens: number;
}

export function partOf(seed: number, changes: Partial<SlotSettings> = {}): Part {
  const prompt = Array.from(
    { length: 3 + (seed % 20) },
    (_, index) => (seed * 31 + index * 7) % 250,
  );
  const settings = { ...plainSettings, seed, numPromptTokens: prompt.length, ...changes };
  return { prompt, settings, numTokens: 30 };
}

/** An engine with room for everything, unless said otherwise. */
export function engineOn(
  thread: ModelThread,
  options: Partial<TargetEngineOptions> = {},
): TargetEngine {
  return createTargetEngine(thread, {
    cacheBytes: 1 << 30,
    maxSessions: 64,
    longestDraft: 16,
    ...options,
  });
}

export function requestOf(
  sessionId: string,
  round: number,
  sequence: readonly number[],
  guesses: readonly DraftToken[] = [],
  numPlainTokens = 0,
): RoundRequest {
  const { length: committedLength, hash: committedHash } = new Text(sequence).fence();
  return { sessionId, round, committedLength, committedHash, guesses, numPlainTokens };
}

export function openPart(
  engine: TargetEngine,
  sessionId: string,
  { prompt, settings }: Part,
  committed: readonly number[] = [],
  nextRound = 0,
) {
  const sequence = [...prompt, ...committed];
  return engine.open({ sessionId, client: "client", settings, sequence, nextRound });
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** A round that is answered once. */
export async function ask(engine: TargetEngine, request: RoundRequest, signal?: AbortSignal) {
  const [answer, ...more] = await all(engine.verify(request, signal));
  if (answer === undefined || more.length > 0) throw new Error("one answer was expected");
  return answer;
}

export type Judge = (
  round: number,
  sequence: readonly number[],
  guesses: readonly DraftToken[],
) => Promise<RoundVerdict>;

export const judgeAt =
  (engine: TargetEngine, sessionId: string): Judge =>
  (round, sequence, guesses) =>
    ask(engine, requestOf(sessionId, round, sequence, guesses));

/**
 * Plays a session to its end. The guesses are the model's own, so that they are right; now and then
 * one is wrong. They depend on the part alone.
 */
export async function play(thread: ModelThread, part: Part, judge: Judge) {
  await using drafter = await openDraftSession(thread, part.settings);
  const text = new Text(part.prompt);
  const verdicts: Pick<RoundVerdict, "numAccepted" | "nextTokenId" | "logprobs" | "topLogprobs">[] =
    [];
  for (let number = 0; text.length < part.prompt.length + part.numTokens; number++) {
    const guesses: DraftToken[] = [];
    const length = text.length % 4;
    const round = { number, text, numPromptTokens: part.prompt.length, numPlainTokens: 0 };
    if (length > 0)
      for await (const guess of drafter.draft(round)) {
        guesses.push(guess.position % 5 === 0 ? wrong(guess) : guess);
        if (guesses.length === length) break;
      }
    const verdict = await judge(number, text.tokenIds, guesses);
    const { numAccepted, nextTokenId, logprobs = [], topLogprobs = [] } = verdict;
    verdicts.push({ numAccepted, nextTokenId, logprobs, topLogprobs });
    for (const { tokenId } of guesses.slice(0, numAccepted)) text.append(tokenId);
    text.append(nextTokenId);
  }
  return { verdicts, tokenIds: text.tokenIds.slice(part.prompt.length) };
}

function wrong(guess: DraftToken): DraftToken {
  const { distribution } = guess;
  const tokenId = distribution?.tokenIds.at(-1) ?? (guess.tokenId + 1) % 250;
  return { ...guess, tokenId };
}

/** The same session with the model to itself. */
export async function playAlone(thread: ModelThread, part: Part) {
  await using session = await openTargetSession(thread, part.settings);
  return await play(thread, part, (_, sequence, guesses) => session.judge(sequence, guesses));
}

/** What an answer says, without the times. */
export function wordOf({
  round,
  numAccepted,
  nextTokenId,
  committedLength,
  logprobs,
  topLogprobs,
}: RoundAnswer) {
  return { round, numAccepted, nextTokenId, committedLength, logprobs, topLogprobs };
}

/** The thread, with a count of its forwards and a word when each begins. */
export function countingForwards(thread: ModelThread) {
  let numForwards = 0;
  let onForward = () => {};
  return {
    thread: {
      ...thread,
      forward(steps, signal) {
        numForwards++;
        onForward();
        return thread.forward(steps, signal);
      },
    } satisfies ModelThread,
    numForwards: () => numForwards,
    /** Resolves when the next forward begins. */
    nextForward: () =>
      new Promise<void>((resolve) => {
        onForward = resolve;
      }),
  };
}
