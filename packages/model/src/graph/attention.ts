import type { DecoderSpec } from "../directory/decoder-spec.ts";
import type { GraphBuilder, Value } from "../onnx/graph-builder.ts";
import { columnBlock, graphInputs } from "./graph-io.ts";

/** The inputs of one slot that all layers share. */
export interface SlotInputs {
  readonly pastLength: Value;
  /** [S, M], or [S + 1, M] where queries are padded (`padsQueries`). */
  readonly mask: Value;
}

/**
 * Every product of the attention must have at least two rows: with a single one the CPU kernels
 * switch to a routine that rounds differently, and a token would score differently alone than
 * among others. Grouped queries give two rows per key head by themselves; plain multi-head
 * attention gets one row of padding.
 */
export function padsQueries(spec: DecoderSpec): boolean {
  return spec.numHeads === spec.numKeyValueHeads;
}

/** Declares a slot's shared inputs. */
export function declareSlot(graph: GraphBuilder, spec: DecoderSpec, slot: number): SlotInputs {
  const pastLength = graph.input(graphInputs.pastLength(slot), "int64", [1]);
  const mask = graph.input(graphInputs.mask(slot), "float32", [`S${slot}`, `M${slot}`]);
  return { pastLength, mask: padsQueries(spec) ? withFirstRowAgain(graph, mask, 0) : mask };
}

/**
 * Attention of one slot's new tokens over its cache and themselves.
 *
 * New rows are written into their own columns of (a copy of) the cache, so that a token's column is
 * its position no matter whether it is new or already cached, and sums over columns always run in
 * the same order: verifying k tokens at once is bit for bit what decoding them one by one is.
 *
 * @param queries scaled and rotated, [1, S, numHeads * headDim]
 * @param keys rotated, [1, S, numKeyValueHeads * headDim]
 * @param values [1, S, numKeyValueHeads * headDim]
 * @returns [S, numHeads * headDim]
 */
export function slotAttention(
  graph: GraphBuilder,
  spec: DecoderSpec,
  slot: number,
  layer: number,
  shared: SlotInputs,
  queries: Value,
  keys: Value,
  values: Value,
): Value {
  const { numHeads, numKeyValueHeads, headDim } = spec;
  const columns = `M${slot}`;
  const cacheDims = [1, numKeyValueHeads, columns, headDim];
  const pastKeys = graph.input(graphInputs.pastKeys(slot, layer), "float32", cacheDims);
  const pastValues = graph.input(graphInputs.pastValues(slot, layer), "float32", cacheDims);
  const write = (past: Value, rows: Value) =>
    graph.node("TensorScatter", [
      past,
      splitHeads(graph, rows, numKeyValueHeads, headDim),
      shared.pastLength,
    ]);
  const allKeys = write(pastKeys, keys);
  const allValues = write(pastValues, values);

  let heads = splitHeads(graph, queries, numHeads, headDim); // [1, numHeads, S, headDim]
  if (padsQueries(spec)) heads = withFirstRowAgain(graph, heads, 2);
  // Heads that share a key head are neighbours: [1, numKeyValueHeads, group * S, headDim].
  const grouped = graph.node("Reshape", [heads, graph.ints(1, numKeyValueHeads, -1, headDim)]);
  const transposed = graph.node("Transpose", [allKeys], { perm: [0, 1, 3, 2] });
  const scores = scoreByPiece(graph, headDim, grouped, transposed);

  const maskShape = graph.node("Shape", [shared.mask]);
  const scoreShape = graph.node("Concat", [graph.ints(1, numHeads), maskShape], { axis: 0 });
  const byHead = graph.node("Reshape", [scores, scoreShape]);
  const masked = graph.node("Add", [byHead, shared.mask]);
  const weights = graph.node("Softmax", [masked], { axis: -1 });
  const byGroup = graph.node("Reshape", [weights, graph.node("Shape", [scores])]);

  const mixed = mixByBlock(graph, spec, byGroup, allValues);
  let mixedHeads = graph.node("Reshape", [mixed, graph.ints(1, numHeads, -1, headDim)]);
  if (padsQueries(spec))
    mixedHeads = graph.node("Slice", [mixedHeads, graph.ints(0), graph.ints(-1), graph.ints(2)]);
  const byToken = graph.node("Transpose", [mixedHeads], { perm: [0, 2, 1, 3] });
  return graph.node("Reshape", [byToken, graph.ints(-1, numHeads * headDim)]);
}

/**
 * The longest sum that the CPU kernel leaves whole: a longer one it cuts at places that depend on
 * how many threads share the product, and thereby on how many tokens are computed at a time.
 */
const wholeSum = columnBlock;

/**
 * queries [.., rows, headDim] times keys [.., headDim, M], in pieces of the head size that are added
 * in order.
 */
function scoreByPiece(graph: GraphBuilder, headDim: number, queries: Value, keys: Value): Value {
  if (headDim <= wholeSum) return graph.node("MatMul", [queries, keys]);
  const sizes: number[] = [];
  for (let left = headDim; left > 0; left -= wholeSum) sizes.push(Math.min(left, wholeSum));
  const cut = (value: Value, axis: number) =>
    graph.nodeWithOutputs("Split", [value, graph.ints(...sizes)], sizes.length, { axis });
  const keyPieces = cut(keys, 2);
  const parts = cut(queries, 3).map((piece, index) =>
    graph.node("MatMul", [piece, keyPieces[index] as Value]),
  );
  return parts.reduce((sum, part) => graph.node("Add", [sum, part]));
}

/**
 * weights [1, numKeyValueHeads, rows, M] times values [1, numKeyValueHeads, M, headDim], one block of
 * columns after the other, added from the first to the last.
 * @returns [1, numKeyValueHeads, 1, rows, headDim]
 */
function mixByBlock(
  graph: GraphBuilder,
  { numKeyValueHeads, headDim }: DecoderSpec,
  weights: Value,
  values: Value,
): Value {
  const cut = graph.node("Reshape", [weights, graph.ints(0, 0, 0, -1, wholeSum)]);
  const weightBlocks = graph.node("Transpose", [cut], { perm: [0, 1, 3, 2, 4] });
  const blocks = graph.ints(1, numKeyValueHeads, -1, wholeSum, headDim);
  const valueBlocks = graph.node("Reshape", [values, blocks]);
  const parts = graph.node("MatMul", [weightBlocks, valueBlocks]);
  const sums = graph.node("CumSum", [parts, graph.ints(2)]); // adds in order, unlike ReduceSum
  return graph.node("Gather", [sums, graph.ints(-1)], { axis: 2 });
}

/** [1, S, numHeads * headDim] to [1, numHeads, S, headDim] */
function splitHeads(graph: GraphBuilder, rows: Value, numHeads: number, headDim: number): Value {
  const split = graph.node("Reshape", [rows, graph.ints(1, -1, numHeads, headDim)]);
  return graph.node("Transpose", [split], { perm: [0, 2, 1, 3] });
}

function withFirstRowAgain(graph: GraphBuilder, value: Value, axis: number): Value {
  const first = graph.node("Slice", [value, graph.ints(0), graph.ints(1), graph.ints(axis)]);
  return graph.node("Concat", [value, first], { axis });
}
