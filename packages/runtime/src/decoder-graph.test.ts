// The graph takes any mask: here it is run as it is, without the thread around it.
import {
  columnBlock,
  type DecoderSpec,
  type GraphKind,
  graphInputs,
  graphKinds,
  graphOutputs,
  maskedOut,
  maxTop,
  prepareGraph,
} from "@adaedl/model/graphs";
import type { TinyModelOptions } from "@adaedl/testing";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, describe, expect, test } from "vitest";
import { cacheDirectory, randomTokens, writeTiny } from "./open-thread.cases.ts";

const sessions: InferenceSession[] = [];
afterAll(() => Promise.all(sessions.map((session) => session.release())));

async function openGraph(options: TinyModelOptions, kind: GraphKind) {
  const { spec, graphFile } = await prepareGraph(writeTiny(options), { cacheDirectory });
  const session = await InferenceSession.create(graphFile(kind), {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  sessions.push(session);
  return { spec, session };
}

/** One new token: where it stands in its text, and which columns it sees besides its own. */
interface TreeToken {
  readonly tokenId: number;
  readonly position: number;
  readonly sees: readonly number[];
}

/** Runs tokens over an empty cache, token i in column i. [tokens.length][vocabSize] */
async function run(session: InferenceSession, spec: DecoderSpec, tokens: readonly TreeToken[]) {
  const half = spec.headDim / 2;
  const numTokens = tokens.length;
  const numColumns = Math.ceil(numTokens / columnBlock) * columnBlock;
  const angles = tokens.flatMap(({ position }) =>
    spec.inverseFrequencies.map((frequency) => position * frequency),
  );
  const mask = new Float32Array(numTokens * numColumns).fill(maskedOut);
  tokens.forEach(({ sees }, token) => {
    for (const column of [...sees, token]) mask[token * numColumns + column] = 0;
  });
  const whole = (values: number[], dims = [values.length]) =>
    new Tensor("int64", BigInt64Array.from(values, BigInt), dims);
  const each = tokens.map((_, token) => token);
  const floats = (values: Iterable<number>, dims: number[]) =>
    new Tensor("float32", Float32Array.from(values), dims);
  const { numHeads, numKeyValueHeads } = spec;
  const numBlocks = numColumns / columnBlock;
  const numRows = numTokens * (numHeads / numKeyValueHeads);
  const cacheDims = [1, numBlocks, numKeyValueHeads, columnBlock, spec.headDim];
  const placesOf = (column: number) =>
    Array.from({ length: numKeyValueHeads }, (_, head) => [
      ...[0, Math.floor(column / columnBlock), head, column % columnBlock],
    ]).flat();
  const heads = Array.from({ length: numHeads }, (_, head) => head);
  const queryPlaces = heads.flatMap((head) => each.flatMap((token) => [token, head, 0]));
  const groupSize = numHeads / numKeyValueHeads;
  const resultPlaces = each.flatMap((token) =>
    heads.flatMap((head) => [
      ...[0, numBlocks - 1, Math.floor(head / groupSize), (head % groupSize) * numTokens + token],
    ]),
  );
  const emptyCache = () =>
    floats(new Float32Array(cacheDims.reduce((product, size) => product * size)), cacheDims);
  const feeds: Record<string, Tensor> = {
    [graphInputs.tokenIds]: whole(tokens.map(({ tokenId }) => tokenId)),
    [graphInputs.cosines]: floats(angles.map(Math.cos), [numTokens, 1, half]),
    [graphInputs.sines]: floats(angles.map(Math.sin), [numTokens, 1, half]),
    [graphInputs.rows]: whole(each),
    [graphInputs.inverseTemperatures]: floats(new Array(numTokens).fill(1), [numTokens, 1]),
    [graphInputs.queryPlaces(0)]: whole(queryPlaces, [1, 1, numKeyValueHeads, numRows, 3]),
    [graphInputs.places(0)]: whole(each.flatMap(placesOf), [numTokens, numKeyValueHeads, 1, 4]),
    [graphInputs.resultPlaces(0)]: whole(resultPlaces, [numTokens, numHeads, 4]),
    [graphInputs.rowDims(0)]: whole([1, numHeads, numTokens, numColumns]),
    [graphInputs.blockDims(0)]: whole([1, numKeyValueHeads, numRows, numBlocks, columnBlock]),
    [graphInputs.mask(0)]: floats(mask, [1, 1, numTokens, numColumns]),
  };
  for (let layer = 0; layer < spec.numLayers; layer++) {
    feeds[graphInputs.pastKeys(0, layer)] = emptyCache();
    feeds[graphInputs.pastValues(0, layer)] = emptyCache();
  }
  const outputs = await session.run(feeds, [graphOutputs.logits]);
  const logits = outputs[graphOutputs.logits]?.data as Float32Array;
  return tokens.map((_, row) => logits.subarray(row * spec.vocabSize, (row + 1) * spec.vocabSize));
}

/** A text as tokens of a tree that does not branch. */
const chain = (tokenIds: readonly number[]): TreeToken[] =>
  tokenIds.map((tokenId, position) => ({
    tokenId,
    position,
    sees: Array.from({ length: position }, (_, column) => column),
  }));

function largestDifference(one: Float32Array | undefined, other: Float32Array | undefined): number {
  if (one === undefined || other === undefined) return Number.POSITIVE_INFINITY;
  const scale = Math.max(...other.map(Math.abs));
  return Math.max(...one.map((value, id) => Math.abs(value - (other[id] as number)))) / scale;
}

describe.each<TinyModelOptions>([
  { architecture: "llama" },
  { architecture: "llama", numKeyValueHeads: 4 },
  { architecture: "qwen3", headDim: 16 },
])("%j", async (options) => {
  const { spec, session } = await openGraph(options, 1);

  test("two branches after a common beginning score as each does alone", async () => {
    const prefix = randomTokens(1, 122); // the branches lie on both sides of a block's border
    const branches = [randomTokens(2, 6), randomTokens(3, 9)];
    const tree = chain(prefix);
    // The branches take turns, so that no branch has its columns side by side.
    const columns: number[][] = [[], []];
    for (let depth = 0; depth < 9; depth++)
      branches.forEach((branch, index) => {
        const tokenId = branch[depth];
        const own = columns[index];
        if (tokenId === undefined || own === undefined) return;
        const sees = [...prefix.keys(), ...own];
        own.push(tree.length);
        tree.push({ tokenId, position: prefix.length + depth, sees });
      });

    const together = await run(session, spec, tree);
    for (const [index, branch] of branches.entries()) {
      const alone = await run(session, spec, chain([...prefix, ...branch]));
      const errors = [...prefix.keys(), ...(columns[index] ?? [])].map((column, position) =>
        largestDifference(together[column], alone[position]),
      );
      expect(errors).toHaveLength(prefix.length + branch.length);
      expect(Math.max(...errors)).toBeLessThan(2e-5);
    }
    // A mask that showed one branch to the other would show in the logits.
    const careless = tree.map((token, column) => ({
      ...token,
      sees: Array.from({ length: column }, (_, other) => other),
    }));
    const mixed = await run(session, spec, careless);
    expect(largestDifference(mixed.at(-1), together.at(-1))).toBeGreaterThan(1e-3);
  });
});

describe("the files", () => {
  test.each(graphKinds)("for %s declare what graph-io says", async (kind) => {
    const options: TinyModelOptions = { architecture: "llama", numLayers: 2 };
    const { spec, session } = await openGraph(options, kind);
    const numGroups = kind === "long" ? 1 : kind;
    const groups = Array.from({ length: numGroups }, (_, group) => group);
    const layers = [0, 1];
    expect([...session.inputNames].sort()).toEqual(
      [
        graphInputs.tokenIds,
        graphInputs.cosines,
        graphInputs.sines,
        graphInputs.rows,
        graphInputs.inverseTemperatures,
        ...(numGroups === 1 ? [] : [graphInputs.groupSizes]),
        ...(kind === "long" ? [graphInputs.blockCounts] : []),
        ...layers.flatMap((layer) =>
          kind === "long" ? [graphInputs.fullKeys(layer), graphInputs.fullValues(layer)] : [],
        ),
        ...groups.flatMap((group) => [
          graphInputs.queryPlaces(group),
          graphInputs.places(group),
          graphInputs.resultPlaces(group),
          graphInputs.rowDims(group),
          graphInputs.blockDims(group),
          graphInputs.mask(group),
          ...layers.flatMap((layer) => [
            graphInputs.pastKeys(group, layer),
            graphInputs.pastValues(group, layer),
          ]),
        ]),
      ].sort(),
    );
    const numTop = Math.min(maxTop, spec.vocabSize);
    const shapes = session.outputMetadata.map((output) =>
      output.isTensor ? [output.name, output.type, output.shape] : [],
    );
    expect(shapes).toEqual(
      expect.arrayContaining([
        [graphOutputs.topLogits, "float32", ["R", numTop]],
        [graphOutputs.topIds, "int32", ["R", numTop]],
        [graphOutputs.peak, "float32", ["R", 1]],
        [graphOutputs.sumExp, "float32", ["R", 1]],
        [graphOutputs.sumDistanceExp, "float32", ["R", 1]],
        [graphOutputs.logits, "float32", ["R", spec.vocabSize]],
        [graphOutputs.newRows, "float32", ["N", 2, 1, 8]],
      ]),
    );
    expect(shapes).toHaveLength(7);
  });
});
