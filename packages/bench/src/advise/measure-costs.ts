import { defaultSamplingParams, type PlannedToken, Text } from "@adaedl/core";
import { openBranchingDrafter, type SlotSettings } from "@adaedl/engine";
import { openLiveTarget } from "../policies/live-target.ts";
import type { PairThreads } from "../policies/tape/open-pair-threads.ts";
import type { Tape } from "../policies/tape/tape.ts";
import { median } from "../statistics.ts";
import { fitLine } from "./fit-line.ts";
import type { PairCosts } from "./pair-costs.ts";

const longestDraft = 8;
const numBranches = 4;
const numRepetitions = 15;
/** The first forwards of a process are slow. */
const numWarmUps = 2;

/**
 * Measures real forwards of a pair on a text it has decoded: verification of 0 to 8 draft tokens, lengths
 * in turn, and drafting. Medians, and for the price of a draft token in a forward a line through them.
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
    ...(await measureDrafting(pair, tape, settings, signal)),
    verifyBaseMs: Math.max(0, base),
    verifyTokenMs: Math.max(0, slope), // a forward that is bound by memory may come out below
    plainMs,
  };
}

async function measureVerification(
  { target }: PairThreads,
  tape: Tape,
  settings: SlotSettings,
  signal: AbortSignal,
): Promise<{ plainMs: number; verifyMs: number[] }> {
  const times = Array.from({ length: longestDraft + 1 }, (): number[] => []);
  const { contextLength } = target.info;
  for (const { repetition, sequence } of placesIn(tape)) {
    const text = new Text(sequence);
    await using session = openLiveTarget(target, settings, sequence, contextLength, signal);
    await session.opened(); // so that a forward holds its draft and nothing else
    for (const [length, measured] of times.entries()) {
      if (text.length + length >= contextLength) break;
      const chain = Array.from({ length }, (_, index): PlannedToken => {
        const place = tape.places[(repetition + index) % tape.places.length];
        return { tokenId: place?.candidates[0]?.tokenId ?? 0, chance: 1 };
      });
      const startedAt = performance.now();
      const { numAccepted, nextTokenId } = await session.judge(text, chain);
      if (repetition >= numWarmUps) measured.push(performance.now() - startedAt);
      for (const { tokenId } of chain.slice(0, numAccepted)) text.append(tokenId);
      text.append(nextTokenId);
    }
  }
  const [plainMs = Number.NaN, ...verifyMs] = times.map(median);
  return { plainMs, verifyMs };
}

/** Of one draft token, those that catch up with the text among them; and of several branches in a forward. */
async function measureDrafting(
  { draft, vocabulary }: PairThreads,
  tape: Tape,
  settings: SlotSettings,
  signal: AbortSignal,
): Promise<Pick<PairCosts, "draftMs" | "branchCost">> {
  const options = { width: numBranches, vocabulary };
  await using drafter = await openBranchingDrafter(draft, settings, options, signal);
  const times: number[] = [];
  const branchedTimes: number[] = [];
  const timed = async (text: Text, paths: readonly (readonly number[])[], into: number[]) => {
    const startedAt = performance.now();
    const proposal = await drafter.propose(text, text.length, paths, numBranches, signal);
    into.push(performance.now() - startedAt);
    const [place] = "places" in proposal ? proposal.places : [];
    return (place?.candidates ?? []).map(({ tokenId }) => tokenId);
  };
  for (const { repetition, sequence } of placesIn(tape)) {
    if (repetition === numWarmUps)
      for (const measured of [times, branchedTimes]) measured.length = 0;
    const text = new Text(sequence);
    const path: number[] = [];
    let candidates: number[] = [];
    for (let length = 0; length < longestDraft; length++) {
      candidates = await timed(text, [[...path]], times);
      path.push(candidates[0] ?? 0);
    }
    // Each branch has read its own tokens first, as in a stream.
    const branches = candidates.map((tokenId) => [...path.slice(0, -1), tokenId]);
    await timed(text, branches, []);
    const next = branches.map((branch) => [...branch, path[0] ?? 0]);
    if (next.length === numBranches) await timed(text, next, branchedTimes);
  }
  const draftMs = median(times);
  if (branchedTimes.length === 0) return { draftMs };
  const branchCost = (median(branchedTimes) / draftMs - 1) / (numBranches - 1);
  return { draftMs, branchCost: Math.max(0, branchCost) };
}

/** The text as it stands at one place after the other, round and round where it is short. */
function* placesIn({ promptTokenIds, tokenIds }: Tape) {
  for (let repetition = 0; repetition < numWarmUps + numRepetitions; repetition++) {
    const written = tokenIds.slice(0, 1 + (repetition % tokenIds.length));
    yield { repetition, sequence: [...promptTokenIds, ...written] };
  }
}
