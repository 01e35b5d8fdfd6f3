import { expect, test } from "vitest";
import { Text } from "../../text/text.ts";
import { createRecycleSource } from "./recycle-source.ts";
import { RankRates, SuccessorTable } from "./successor-table.ts";

const prompt = [5, 1];

function open(maxTokens = 100, isGreedy = true) {
  const text = new Text(prompt);
  const options = { table: new SuccessorTable(maxTokens), rates: new RankRates() };
  const source = createRecycleSource({ ...options, seed: 1, isGreedy });
  /** The target commits these tokens, and names these in the place of each. */
  function commit(tokenIds: number[], successors: number[][]): void {
    const { length: position } = text;
    for (const tokenId of tokenIds) text.append(tokenId);
    const numAccepted = tokenIds.length - 1;
    const counts = { numJudged: numAccepted, numAccepted };
    source.supervise?.(text, { position, tokenIds, ...counts, successors });
  }
  async function propose(path: number[], numCandidates = 8) {
    const proposal = await source.propose(text, text.length, [path], numCandidates);
    const [place] = "places" in proposal ? proposal.places : [];
    return place?.candidates ?? [];
  }
  const idsAfter = async (...asked: Parameters<typeof propose>) =>
    (await propose(...asked)).map(({ tokenId }) => tokenId);
  return { source, commit, propose, idsAfter };
}

test("asks for eight likely tokens, and drafts those that the target named last after a token", async () => {
  const { source, ...table } = open();
  expect(source.numSuccessors).toBe(8);
  expect(await table.idsAfter([])).toEqual([]);
  table.commit([2, 3], [[2, 9, 8], [3]]); // after 1 comes 2, and after 2 comes 3
  table.commit([1], [[1, 4]]);
  expect(await table.idsAfter([])).toEqual([2, 9, 8]);
  expect(await table.idsAfter([], 2)).toEqual([2, 9]);
  expect(await table.idsAfter([7, 2])).toEqual([3]);
  table.commit([9], [[7]]);
  expect(await table.idsAfter([4, 1])).toEqual([7]);
});

test("learns how often the target takes each rank", async () => {
  const { commit, propose } = open();
  commit([1], [[0, 1]]);
  for (let count = 0; count < 200; count++) commit([1], [[0, 1]]);
  const [often, never] = await propose([]);
  expect([often?.tokenId, never?.tokenId]).toEqual([1, 0]);
  expect(often?.chance).toBeGreaterThan(0.9);
  expect(never?.chance).toBeLessThan(0.1);
  expect((often?.chance ?? 1) + (never?.chance ?? 1)).toBeLessThan(1);
});

test("drafts what is likely under the noise above temperature 0", async () => {
  const table = open(100, false);
  table.commit([1], [[2, 3, 4, 5]]);
  const orders = new Set<string>();
  for (let length = 0; length < 40; length++)
    orders.add((await table.idsAfter([...Array(length).fill(0), 1])).join());
  expect(orders.size).toBeGreaterThan(3);
});

test("forgets the tokens that came first", async () => {
  const { commit, idsAfter } = open(2);
  commit([2, 3, 4], [[2], [3], [4]]);
  expect([await idsAfter([1]), await idsAfter([2]), await idsAfter([3])]).toEqual([[], [3], [4]]);
});
