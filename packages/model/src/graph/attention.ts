import { type DecoderSpec, scalesOf } from "../directory/decoder-spec.ts";
import type { GraphBuilder, Value } from "../onnx/graph-builder.ts";
import { columnBlock, graphInputs } from "./graph-io.ts";

/** The inputs of one group of sessions that all layers share. */
export interface GroupInputs {
  readonly queryPlaces: Value;
  readonly places: Value;
  readonly resultPlaces: Value;
  readonly rowDims: Value;
  readonly blockDims: Value;
  readonly mask: Value;
  /** Where full blocks are read in place: how many there are, and how many others. */
  readonly blockCounts: Value | undefined;
}

/** Declares what the layers of a group share. */
export function declareGroup(
  graph: GraphBuilder,
  { numHeads, numKeyValueHeads }: DecoderSpec,
  group: number,
  readsInPlace: boolean,
): GroupInputs {
  const [B, S, T, M] = [`B${group}`, `S${group}`, `T${group}`, `M${group}`];
  const queries = [B, 1, numKeyValueHeads, `Q${group}`, 3];
  return {
    queryPlaces: graph.input(graphInputs.queryPlaces(group), "int64", queries),
    places: graph.input(graphInputs.places(group), "int64", [T, numKeyValueHeads, 1, 4]),
    resultPlaces: graph.input(graphInputs.resultPlaces(group), "int64", [T, numHeads, 4]),
    rowDims: graph.input(graphInputs.rowDims(group), "int64", [4]),
    blockDims: graph.input(graphInputs.blockDims(group), "int64", [5]),
    mask: graph.input(graphInputs.mask(group), "float32", [B, 1, S, M]),
    blockCounts: readsInPlace ? graph.input(graphInputs.blockCounts, "int64", [2]) : undefined,
  };
}

/**
 * Attention of the new tokens of a group of sessions over their caches and themselves.
 *
 * New rows are written into their own columns of (a copy of) the caches, so that a token's column is its position
 * no matter whether it is new or already cached, and sums over columns always run in the same order: verifying k
 * tokens at once is bit for bit what decoding them one by one is. Where caches are long, blocks before those that
 * get new rows are read where they lie: products are the same, block by block.
 *
 * @param queries of all groups, rotated, [T, numHeads, 1, headDim]
 * @param keys of this group, rotated, [Tg, numKeyValueHeads, 1, headDim]
 * @param values of this group, [Tg, numKeyValueHeads, 1, headDim]
 * @returns [Tg, numHeads, headDim]
 */
export function groupAttention(
  graph: GraphBuilder,
  spec: DecoderSpec,
  group: number,
  layer: number,
  shared: GroupInputs,
  queries: Value,
  keys: Value,
  values: Value,
): Value {
  const { numKeyValueHeads, headDim } = spec;
  const cache = (name: string, blocks: string) =>
    graph.input(name, "float32", [
      ...[`B${group}`, blocks + group, numKeyValueHeads, columnBlock, headDim],
    ]);
  const write = (past: string, rows: Value) =>
    graph.node("ScatterND", [cache(past, "F"), shared.places, rows]);
  const parts = [
    {
      keys: write(graphInputs.pastKeys(group, layer), keys),
      values: write(graphInputs.pastValues(group, layer), values),
    },
  ];
  if (shared.blockCounts !== undefined)
    parts.unshift({
      keys: cache(graphInputs.fullKeys(layer), "G"),
      values: cache(graphInputs.fullValues(layer), "G"),
    });
  const joined = (values: readonly Value[]) =>
    values.length === 1 ? (values[0] as Value) : graph.node("Concat", values, { axis: 1 });

  // Heads that share a key head are neighbours: [B, 1, numKeyValueHeads, group size * S, headDim].
  const gathered = graph.node("GatherND", [queries, shared.queryPlaces]);
  // Where heads are small, the optimizer makes one operator of this and the products.
  const scaled = graph.node("Mul", [gathered, graph.float(scalesOf(spec).score)]);
  const scores = joined(parts.map((part) => scoreByPiece(graph, spec, scaled, part.keys)));

  // From [B, F, numKeyValueHeads, group size * S, columnBlock] to rows of all columns, and back.
  const byGroup = graph.node("Transpose", [scores], { perm: [0, 2, 3, 1, 4] });
  const byRow = graph.node("Reshape", [byGroup, shared.rowDims]); // [B, numHeads, S, M]
  const masked = graph.node("Add", [byRow, shared.mask]);
  const weights = graph.node("Softmax", [masked], { axis: -1 });
  const cut = graph.node("Reshape", [weights, shared.blockDims]);
  const byBlock = graph.node("Transpose", [cut], { perm: [0, 3, 1, 2, 4] });

  // No sum is longer than a block; those of blocks are added from the first to the last.
  const partWeights =
    shared.blockCounts === undefined
      ? [byBlock]
      : graph.nodeWithOutputs("Split", [byBlock, shared.blockCounts], parts.length, { axis: 1 });
  const products = joined(
    parts.map((part, at) => graph.node("MatMul", [partWeights[at] as Value, part.values])),
  );
  const sums = graph.node("CumSum", [products, graph.ints(1)]); // adds in order, unlike ReduceSum
  return graph.node("GatherND", [sums, shared.resultPlaces]);
}

/**
 * queries [B, 1, .., rows, headDim] times the transposed keys [B, blocks, .., columnBlock, headDim], in
 * pieces that the CPU kernel leaves whole, added in order: a longer sum it cuts at places that depend on how
 * many threads share the product, and thereby on how many tokens are computed at a time.
 */
function scoreByPiece(
  graph: GraphBuilder,
  { headDim }: DecoderSpec,
  queries: Value,
  keys: Value,
): Value {
  const product = (one: Value, other: Value) => {
    const transposed = graph.node("Transpose", [other], { perm: [0, 1, 2, 4, 3] });
    return graph.node("MatMul", [one, transposed]); // the optimizer makes one operator of the two
  };
  if (headDim <= columnBlock) return product(queries, keys);
  const sizes: number[] = [];
  for (let left = headDim; left > 0; left -= columnBlock) sizes.push(Math.min(left, columnBlock));
  const cut = (value: Value) =>
    graph.nodeWithOutputs("Split", [value, graph.ints(...sizes)], sizes.length, { axis: -1 });
  const keyPieces = cut(keys);
  const parts = cut(queries).map((piece, index) => product(piece, keyPieces[index] as Value));
  return parts.reduce((sum, part) => graph.node("Add", [sum, part]));
}
