import { type Drafter, type PlaceEvidence, Text } from "@adaedl/core";
import { createTestRandom, type TestRandom } from "@adaedl/testing";
import { describe, expect, test } from "vitest";

/** What has to hold for it, as for every drafter. */
export interface DrafterUnderTest {
  /** @returns a drafter for a text with this prompt */
  open(numPromptTokens: number): Promise<Drafter>;
  /** Token ids are below this. */
  readonly numTokenIds: number;
  readonly numSchedules: number;
  /** Places that it says something about, for each that it is asked about; default: 1. */
  readonly depth?: number;
  /** @throws where it cannot have proposed these tokens after a text with a prompt of 6 tokens and a path */
  check(
    text: readonly number[],
    path: readonly number[],
    proposed: readonly number[],
  ): Promise<void> | void;
}

export const numPromptTokens = 6;
/** The likeliest tokens of the target where it takes this one of four. */
export const successorsOf = (tokenId: number) => [tokenId, (tokenId + 1) % 4];
const numSteps = 8;
/** Of a question; no drafter is asked for more. */
const mostPlaces = 4;

/** The case suite of the port `Drafter`. */
export function describeDrafter(name: string, subject: DrafterUnderTest): void {
  describe(name, () => {
    test(`${subject.numSchedules} random schedules: it follows commits and paths, within what it is asked for`, {
      timeout: 240_000,
    }, async () => {
      let numCandidates = 0;
      for (let seed = 0; seed < subject.numSchedules; seed++)
        numCandidates += await playSchedule(subject, createTestRandom(seed));
      expect(numCandidates).toBeGreaterThan(subject.numSchedules);
    });

    test("may be closed again, and before anything is asked", async () => {
      const drafter = await subject.open(1);
      await drafter[Symbol.asyncDispose]();
      await drafter[Symbol.asyncDispose]();
    });
  });
}

/**
 * Asks after one commit after the other about places that have nothing to do with those before.
 * @returns how many candidates there were
 */
async function playSchedule(subject: DrafterUnderTest, random: TestRandom): Promise<number> {
  await using drafter = await subject.open(numPromptTokens);
  const { integer } = random;
  // Few tokens, so that the text repeats itself.
  const draw = () => integer(4);
  const text = new Text(Array.from({ length: numPromptTokens }, draw));
  let last: readonly number[] = [];
  let numSeen = 0;
  for (let step = 0; step < numSteps; step++) {
    const paths = drawPaths(random, last);
    const asked = 1 + integer(4);
    const { places, further } = await ask(drafter, text, paths, asked);
    expect(further).toHaveLength(paths.length * ((subject.depth ?? 1) - 1));
    for (const { candidates } of [...further, ...places]) {
      checkWithin(candidates, asked, subject.numTokenIds);
      last = candidates.map(({ tokenId }) => tokenId);
      numSeen += last.length;
    }
    if (step === numSteps - 1)
      for (const [index, { candidates }] of places.entries()) {
        const tokenIds = candidates.map(({ tokenId }) => tokenId);
        await subject.check(text.tokenIds, paths[index] ?? [], tokenIds);
      }
    // What it drafted, or something else.
    const position = text.length;
    for (let count = 0; count < 1 + integer(3); count++)
      text.append(count === 0 && integer(2) === 0 ? (last[0] ?? draw()) : draw());
    const tokenIds = text.tokenIds.slice(position);
    const numAccepted = tokenIds.length - 1;
    drafter.supervise?.(text, {
      ...{ position, tokenIds, numJudged: numAccepted, numAccepted },
      successors: tokenIds.map(successorsOf),
    });
  }
  return numSeen;
}

/** Without `expect`, which takes most of the time where there are so many candidates. */
function checkWithin(
  candidates: PlaceEvidence["candidates"],
  asked: number,
  numTokenIds: number,
): void {
  const isToken = (id: number) => Number.isInteger(id) && id >= 0 && id < numTokenIds;
  const isChance = (chance: number) => chance > 0 && chance <= 1;
  const isFit =
    candidates.length <= asked &&
    new Set(candidates.map(({ tokenId }) => tokenId)).size === candidates.length &&
    candidates.every(
      (one) => isToken(one.tokenId) && isChance("chance" in one ? one.chance : one.prob),
    );
  if (!isFit)
    throw new Error(
      `asked for at most ${asked} different tokens below ${numTokenIds}: ${JSON.stringify(candidates)}`,
    );
}

/** Different paths of up to 4 draft tokens; some begin with what was drafted before. */
function drawPaths({ integer }: TestRandom, drafted: readonly number[]): number[][] {
  const paths = Array.from({ length: 1 + integer(mostPlaces) }, () =>
    Array.from({ length: integer(5) }, () => drafted[integer(8)] ?? integer(4)),
  );
  return [...new Map(paths.map((path) => [path.join(" "), path])).values()];
}

async function ask(
  drafter: Drafter,
  text: Text,
  paths: readonly (readonly number[])[],
  numCandidates: number,
): Promise<{
  readonly places: readonly PlaceEvidence[];
  readonly further: readonly PlaceEvidence[];
}> {
  const proposal = await drafter.propose(text, text.length, paths, numCandidates);
  if ("obstacle" in proposal) throw new Error(`there is an obstacle: ${proposal.obstacle}`);
  const { places, further } = proposal;
  expect(places).toHaveLength(paths.length);
  return { places, further: further?.flat() ?? [] };
}
