import { defaultSamplingParams, Text } from "@adaedl/core";
import { openDraftSession, openTargetSession } from "@adaedl/engine";
import type { PairThreads } from "../policies/tape/record-tape.ts";
import type { Tape } from "../policies/tape/tape.ts";
import { median } from "../statistics.ts";
import { fitLine } from "./fit-line.ts";
import type { PairCosts } from "./pair-costs.ts";

const longestDraft = 8;
const numRepetitions = 15;
/** The first forwards of a process are slow. */
const numWarmUps = 2;

/**
 * Measures real forwards of a pair on a text it has decoded: verification of drafts of 0 to 8 guesses,
 * lengths in turn, and drafting. Medians, and for the price of a guess in a forward a line through them.
 */
export async function measureCosts(
  pair: PairThreads,
  tape: Tape,
  temperature: number,
  signal: AbortSignal,
): Promise<PairCosts> {
  const settings = {
    ...{ seed: 0, sampling: { ...defaultSamplingParams, temperature } },
    ...{ verification: "shared-noise" as const, numPromptTokens: tape.promptTokenIds.length },
  };
  const { plainMs, verifyMs } = await measureVerification(pair, tape, settings, signal);
  const { base, slope } = fitLine(verifyMs.map((ms, index) => [index + 1, ms]));
  return {
    draftMs: await measureDrafting(pair, tape, settings, signal),
    verifyBaseMs: Math.max(0, base),
    verifyTokenMs: Math.max(0, slope), // a forward that is bound by memory may come out below
    plainMs,
  };
}

type Settings = Parameters<typeof openTargetSession>[1];

async function measureVerification(
  { target }: PairThreads,
  tape: Tape,
  settings: Settings,
  signal: AbortSignal,
): Promise<{ plainMs: number; verifyMs: number[] }> {
  await using session = await openTargetSession(target, settings, signal);
  const times = Array.from({ length: longestDraft + 1 }, (): number[] => []);
  for (const { repetition, sequence } of placesIn(tape)) {
    await session.prefill(sequence, signal); // so that a forward holds its round and nothing else
    for (const [length, measured] of times.entries()) {
      const guesses = Array.from({ length }, (_, index) => {
        const guess = tape.guesses[(repetition + index) % tape.guesses.length];
        return { tokenId: 0, entropy: 0, ...guess, position: sequence.length + index };
      });
      const startedAt = performance.now();
      await session.judge(sequence, guesses, signal);
      if (repetition >= numWarmUps) measured.push(performance.now() - startedAt);
    }
  }
  const [plainMs = Number.NaN, ...verifyMs] = times.map(median);
  return { plainMs, verifyMs };
}

/** Of one guess, those that catch up with the text among them. */
async function measureDrafting(
  { draft }: PairThreads,
  tape: Tape,
  settings: Settings,
  signal: AbortSignal,
): Promise<number> {
  await using session = await openDraftSession(draft, settings, signal);
  const times: number[] = [];
  for (const { repetition, sequence } of placesIn(tape)) {
    const round = { number: repetition, text: new Text(sequence), numPlainTokens: 0 };
    let numGuesses = 0;
    let startedAt = performance.now();
    const guesses = session.draft({ ...round, numPromptTokens: settings.numPromptTokens }, signal);
    for await (const _ of guesses) {
      if (repetition >= numWarmUps) times.push(performance.now() - startedAt);
      if (++numGuesses === longestDraft) break;
      startedAt = performance.now();
    }
  }
  return median(times);
}

/** The text as it stands at one place after the other, round and round where it is short. */
function* placesIn({ promptTokenIds, tokenIds }: Tape) {
  for (let repetition = 0; repetition < numWarmUps + numRepetitions; repetition++) {
    const written = tokenIds.slice(0, 1 + (repetition % tokenIds.length));
    yield { repetition, sequence: [...promptTokenIds, ...written] };
  }
}
