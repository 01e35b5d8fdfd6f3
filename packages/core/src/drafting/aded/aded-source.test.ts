import { expect, test } from "vitest";
import { Text } from "../../text/text.ts";
import { type AdedOptions, createAdedSource } from "./aded-source.ts";
import { TrigramTable } from "./trigram-table.ts";

function open(tokenIds: readonly number[], options: Partial<AdedOptions> = {}) {
  const text = new Text(tokenIds);
  const table = new TrigramTable(1000);
  const source = createAdedSource({ table, seed: 1, isGreedy: true, ...options });
  const idsAfter = async (path: number[], numCandidates = 8) => {
    const proposal = await source.propose(text, text.length, [path], numCandidates);
    const [place] = "places" in proposal ? proposal.places : [];
    return place?.candidates.map(({ tokenId }) => tokenId);
  };
  return { text, idsAfter };
}

test("drafts what followed two tokens in the text, the most frequent first", async () => {
  const { text, idsAfter } = open([1, 2, 3, 1, 2, 3, 1, 2, 4, 1, 2]);
  expect(await idsAfter([])).toEqual([3, 4]);
  expect(await idsAfter([], 1)).toEqual([3]);
  expect(await idsAfter([3])).toEqual([1]);
  expect(await idsAfter([9, 9, 9])).toEqual([]);
  for (const tokenId of [4, 1, 2, 4, 1, 2]) text.append(tokenId);
  expect(await idsAfter([])).toEqual([4, 3]);
  expect(await open([1]).idsAfter([])).toEqual([]);
});

test("knows what followed in other texts, and in a corpus where it knows nothing else", async () => {
  const table = new TrigramTable(1000);
  await open([1, 2, 3], { table }).idsAfter([]);
  const corpus = new TrigramTable(1000);
  corpus.learnAll([1, 2, 7, 5, 6, 8]);
  const { idsAfter } = open([9, 1, 2], { table, corpus });
  expect(await idsAfter([])).toEqual([3]);
  expect(await idsAfter([5, 6])).toEqual([8]);
});

test("reads a long prompt in several steps", async () => {
  const { idsAfter } = open(Array.from({ length: 10_000 }, (_, at) => at % 3));
  expect([await idsAfter([]), await idsAfter([]), await idsAfter([])]).toEqual([
    ...[undefined, undefined, [1]],
  ]);
});
