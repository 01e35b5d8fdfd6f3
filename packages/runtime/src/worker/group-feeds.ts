import { columnBlock, type DecoderSpec, graphInputs, maskedOut } from "@adaedl/model/graphs";
import { Tensor } from "onnxruntime-node";
import type { BlockCache } from "./block-cache.ts";
import { blockSizeOf } from "./block-slabs.ts";
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
export function rowsOf(
  { numHeads, numKeyValueHeads }: DecoderSpec,
  { numTokens }: StepGroup,
): number {
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
  const numRows = rowsOf(spec, group);
  const numColumns = numBlocks * columnBlock;
  const rows = new BigInt64Array(numPlaces * numRows); // unused rows repeat token 0: nobody reads their results
  const places: number[] = [];
  const mask = new Float32Array(rows.length * numColumns).fill(maskedOut);

  let token = firstToken;
  for (const { place, cache, numTokens } of steps) {
    const index = place.index - first.index;
    for (let offset = 0; offset < numTokens; offset++) {
      const position = cache.text.length + offset;
      const column = position % columnBlock;
      for (let head = 0; head < numKeyValueHeads; head++)
        places.push(index, (position - column) / columnBlock - numInPlace, head, column);
    }
    for (let row = 0; row < numRows; row++) {
      const offset = Math.min(row, numTokens - 1);
      const at = index * numRows + row;
      rows[at] = BigInt(token + offset);
      // A token sees the cache, the new tokens up to itself, and nothing outside of its window.
      const end = cache.text.length + offset + 1;
      const begin = Math.max(0, end - slidingWindow);
      mask.fill(0, at * numColumns + begin, at * numColumns + end);
    }
    token += numTokens;
  }
  const groupSize = numHeads / numKeyValueHeads;
  const blockDims = [numPlaces, numKeyValueHeads, groupSize * numRows, numBlocks, columnBlock];
  return {
    [graphInputs.groupRows(groupAt)]: new Tensor("int64", rows, [numPlaces, numRows]),
    [graphInputs.places(groupAt)]: wholeNumbers(places, [token - firstToken, numKeyValueHeads, 4]),
    [graphInputs.rowDims(groupAt)]: wholeNumbers([numPlaces, numHeads, numRows, numColumns], [4]),
    [graphInputs.blockDims(groupAt)]: wholeNumbers(blockDims, [5]),
    [graphInputs.mask(groupAt)]: new Tensor("float32", mask, [numPlaces, 1, numRows, numColumns]),
    ...cacheFeeds(spec, group, groupAt, numInPlace),
  };
}

/** The caches themselves are handed over, not copies of them. */
function cacheFeeds(
  spec: DecoderSpec,
  { first: { slab, index }, numPlaces, numBlocks }: StepGroup<FeedStep>,
  groupAt: number,
  numInPlace: number,
): Record<string, Tensor> {
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
  return inputs;
}

export function wholeNumbers(values: readonly number[], dims: readonly number[]): Tensor {
  return new Tensor("int64", BigInt64Array.from(values, BigInt), dims);
}
