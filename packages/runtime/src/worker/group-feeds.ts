import { columnBlock, type DecoderSpec, graphInputs, maskedOut } from "@adaedl/model/graphs";
import { Tensor } from "onnxruntime-node";
import type { BlockCache } from "./block-cache.ts";
import { blockSizeOf, type Place } from "./block-slabs.ts";
import type { GroupedStep, StepGroup } from "./group-steps.ts";
import type { BackendStep } from "./model-backend.ts";

/** A session's step on its way into a forward. */
export interface FeedStep extends GroupedStep, BackendStep {
  readonly cache: BlockCache;
}

/** From so many blocks without new rows on, it is worth some nodes not to copy them. */
const longFrom = 4;

/** Makes room in the cache of a step for its new tokens. */
export function feedStep(step: BackendStep): FeedStep {
  const cache = step.cache as BlockCache;
  const numTokens = step.tokenIds.length;
  const length = cache.text.length + numTokens;
  cache.reserve(length);
  const numBlocks = Math.ceil(length / columnBlock);
  return { ...step, cache, place: cache.place, numBlocks, numTokens };
}

/**
 * How many blocks a forward reads in place: those without new rows, where it is of one session with a long context,
 * for which there is a graph of its own. That graph moves the scores once more, so they must be less than the cache.
 */
export function blocksInPlace(
  { numHeads, numKeyValueHeads, headDim }: DecoderSpec,
  groups: readonly StepGroup<FeedStep>[],
): number {
  const [step, ...others] = groups.flatMap((group) => group.steps);
  if (step === undefined || others.length > 0) return 0;
  const numFull = Math.floor(step.cache.text.length / columnBlock);
  const isSmall = step.numTokens * numHeads <= numKeyValueHeads * headDim;
  return isSmall && numFull >= longFrom ? numFull : 0;
}

/**
 * Every product of the attention must have at least two rows: with a single one the CPU kernels switch to a
 * routine that rounds differently, and a token would score differently alone than among others. Grouped queries
 * give two rows per key head by themselves; plain multi-head attention computes a single token twice.
 */
function rowsOf({ numHeads, numKeyValueHeads }: DecoderSpec, { numTokens }: StepGroup): number {
  return Math.max(numTokens, numHeads === numKeyValueHeads ? 2 : 1);
}

/**
 * The inputs of a group's attention.
 * @param groupAt index of the group in the forward
 * @param firstToken which token of the forward is the first one of the group
 * @param numInPlace blocks that are read in place
 */
export function groupFeeds(
  spec: DecoderSpec,
  group: StepGroup<FeedStep>,
  groupAt: number,
  firstToken: number,
  numInPlace: number,
): Record<string, Tensor> {
  const { first, numPlaces, numBlocks, steps } = group;
  const { numHeads, numKeyValueHeads, slidingWindow = Number.POSITIVE_INFINITY } = spec;
  const groupSize = numHeads / numKeyValueHeads;
  const numRows = rowsOf(spec, group);
  const numColumns = numBlocks * columnBlock;
  // Rows that nobody reads repeat the first token of the forward.
  const tokens = new Int32Array(numPlaces * numRows);
  const places: number[] = [];
  const resultPlaces: number[] = [];
  const mask = new Float32Array(tokens.length * numColumns).fill(maskedOut);

  let token = firstToken;
  for (const { place, cache, numTokens } of steps) {
    const index = place.index - first.index;
    const { length } = cache.text;
    for (let offset = 0; offset < numTokens; offset++) {
      const column = (length + offset) % columnBlock;
      const block = (length + offset - column) / columnBlock - numInPlace;
      for (let head = 0; head < numKeyValueHeads; head++) {
        places.push(index, block, head, column);
        for (let row = offset; row < groupSize * numRows; row += numRows)
          resultPlaces.push(index, numBlocks - 1, head, row);
      }
    }
    for (let row = 0; row < numRows; row++) {
      const offset = Math.min(row, numTokens - 1);
      const at = index * numRows + row;
      tokens[at] = token + offset;
      // A token sees the cache, the new tokens up to itself, and nothing outside of its window.
      const end = length + offset + 1;
      const begin = Math.max(0, end - slidingWindow);
      mask.fill(0, at * numColumns + begin, at * numColumns + end);
    }
    token += numTokens;
  }
  const queryPlaces: number[] = [];
  for (let begin = 0; begin < tokens.length; begin += numRows)
    for (let head = 0; head < numHeads; head++)
      for (let row = 0; row < numRows; row++) queryPlaces.push(tokens[begin + row] ?? 0, head, 0);

  const numQueries = groupSize * numRows;
  const queryDims = [numPlaces, 1, numKeyValueHeads, numQueries, 3];
  const placeDims = [token - firstToken, numKeyValueHeads, 1, 4];
  const blockDims = [numPlaces, numKeyValueHeads, numQueries, numBlocks, columnBlock];
  return {
    [graphInputs.queryPlaces(groupAt)]: wholeNumbers(queryPlaces, queryDims),
    [graphInputs.places(groupAt)]: wholeNumbers(places, placeDims),
    [graphInputs.resultPlaces(groupAt)]: wholeNumbers(resultPlaces, [
      ...[token - firstToken, numHeads, 4],
    ]),
    [graphInputs.rowDims(groupAt)]: wholeNumbers([numPlaces, numHeads, numRows, numColumns], [4]),
    [graphInputs.blockDims(groupAt)]: wholeNumbers(blockDims, [5]),
    [graphInputs.mask(groupAt)]: new Tensor("float32", mask, [numPlaces, 1, numRows, numColumns]),
    ...cacheFeeds(spec, group, groupAt, numInPlace),
  };
}

/** The inputs of a group's caches, which stay the same for many steps. */
interface CacheInputs {
  readonly key: string;
  readonly inputs: Record<string, Tensor>;
}
/** Of the last step, by the first place of its group. */
const lastInputs = new WeakMap<Place, CacheInputs>();

/** The caches themselves are handed over, not copies of them. */
function cacheFeeds(
  spec: DecoderSpec,
  { first, numPlaces, numBlocks }: StepGroup<FeedStep>,
  groupAt: number,
  numInPlace: number,
): Record<string, Tensor> {
  const key = `${groupAt} ${numPlaces} ${numBlocks} ${numInPlace}`;
  const last = lastInputs.get(first);
  if (last?.key === key) return last.inputs;
  const { slab, index } = first;
  const { numLayers, numKeyValueHeads, headDim } = spec;
  const blockSize = blockSizeOf({ ...spec, columnBlock });
  const begin = index * slab.capacity * blockSize;
  const inputs: Record<string, Tensor> = {};
  const feed = (name: string, values: Float32Array, from: number, count: number) => {
    const own = values.subarray(
      begin + from * blockSize,
      begin + (from + numPlaces * count) * blockSize,
    );
    const dims = [numPlaces, count, numKeyValueHeads, columnBlock, headDim];
    inputs[name] = new Tensor("float32", own, dims);
  };
  slab.tensors.forEach((values, tensorAt) => {
    const layer = tensorAt % numLayers;
    const isKeys = tensorAt < numLayers;
    const past = isKeys ? graphInputs.pastKeys : graphInputs.pastValues;
    feed(past(groupAt, layer), values, numInPlace, numBlocks - numInPlace);
    const full = isKeys ? graphInputs.fullKeys : graphInputs.fullValues;
    if (numInPlace > 0) feed(full(layer), values, 0, numInPlace);
  });
  if (numInPlace > 0)
    inputs[graphInputs.blockCounts] = wholeNumbers([numInPlace, numBlocks - numInPlace], [2]);
  lastInputs.set(first, { key, inputs });
  return inputs;
}

/** @param values from 0 to 2^31 - 1 */
export function wholeNumbers(values: readonly number[], dims: readonly number[]): Tensor {
  const words = new Int32Array(2 * values.length); // low and high word of each number; BigInts are slow
  for (let at = 0; at < values.length; at++) words[2 * at] = values[at] as number;
  return new Tensor("int64", new BigInt64Array(words.buffer), dims);
}
