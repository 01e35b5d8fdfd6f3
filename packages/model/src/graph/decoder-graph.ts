import { type DecoderSpec, scalesOf } from "../directory/decoder-spec.ts";
import { type ExternalData, GraphBuilder, type Value } from "../onnx/graph-builder.ts";
import { declareGroup, groupAttention } from "./attention.ts";
import { type GraphKind, graphInputs, graphOutputs } from "./graph-io.ts";
import { outputHead } from "./output-head.ts";
import type { WeightLayouts } from "./weight-layout.ts";
import { weightOperators } from "./weight-operators.ts";
import { embeddingName, finalNormName, headName, layerWeightNames } from "./weight-plan.ts";

/**
 * Writes the decoder as an ONNX graph for a fixed number of groups of sessions, or for a single long one.
 *
 * All linear layers run over the tokens of all sessions at once; attention runs group by group, each a batch
 * over caches of one size. The caches are inputs and stay untouched: the graph returns only the new tokens'
 * rows, and the caller commits those that were accepted.
 *
 * @param layouts the tensors it is made of: where there is a bias, it is added
 * @param places where each of their arrays lies in the external data file
 * @returns the bytes of a .onnx file
 */
export function buildDecoderGraph(
  spec: DecoderSpec,
  layouts: WeightLayouts,
  kind: GraphKind,
  places: ReadonlyMap<string, ExternalData>,
): Uint8Array {
  const { headDim, numHeads, numKeyValueHeads } = spec;
  const graph = new GraphBuilder(`${spec.architecture} ${kind}`);
  const isLong = kind === "long";
  const numGroups = isLong ? 1 : kind;
  const scales = scalesOf(spec);
  const operators = weightOperators(graph, spec, layouts, places);
  const { norm, linear } = operators;

  const tokenIds = graph.input(graphInputs.tokenIds, "int64", ["T"]);
  const cosines = graph.input(graphInputs.cosines, "float32", ["T", 1, headDim / 2]);
  const sines = graph.input(graphInputs.sines, "float32", ["T", 1, headDim / 2]);
  if (numGroups > 1) graph.input(graphInputs.groupSizes, "int64", [numGroups]);
  const groups = Array.from({ length: numGroups }, (_, group) =>
    declareGroup(graph, spec, group, isLong),
  );

  /** Each token is a batch of its own, with a position of its own. [T, count, 1, headDim] */
  const splitHeads = (value: Value, count: number) =>
    graph.node("Reshape", [value, graph.ints(-1, count, 1, headDim)]);
  const rotate = (value: Value) => graph.node("RotaryEmbedding", [value, cosines, sines]);
  const scale = (value: Value, factor: number) =>
    factor === 1 ? value : graph.node("Mul", [value, graph.float(factor)]);
  const splitGroups = (value: Value): Value[] =>
    numGroups === 1
      ? [value]
      : graph.nodeWithOutputs("Split", [value, graphInputs.groupSizes], numGroups, { axis: 0 });
  const [newKeys, newValues]: [Value[], Value[]] = [[], []];
  let hidden = scale(operators.embed(embeddingName, tokenIds), scales.embedding); // [T, hiddenSize]

  for (let layer = 0; layer < spec.numLayers; layer++) {
    const names = layerWeightNames(layer);
    const isRotated = !spec.unrotatedLayers?.includes(layer);
    const project = (name: string, normName: string, count: number) => {
      let value = linear(normed, name);
      if (spec.qkNorm === "projection") value = norm(value, normName);
      value = splitHeads(value, count);
      if (spec.qkNorm === "head") value = norm(value, normName);
      return isRotated ? rotate(value) : value;
    };
    const add = (update: Value, normName: string) => {
      const added = spec.hasNormsAfter ? norm(update, normName) : update;
      return graph.node("Add", [hidden, scale(added, scales.residual)]);
    };

    const normed = spec.hasNormsAfter ? hidden : norm(hidden, names.attentionNorm);
    const queries = project(names.query, names.queryNorm, numHeads);
    const keys = project(names.key, names.keyNorm, numKeyValueHeads);
    const values = splitHeads(linear(normed, names.value), numKeyValueHeads);
    newKeys.push(keys);
    newValues.push(values);

    const groupKeys = splitGroups(keys);
    const groupValues = splitGroups(values);
    const mixed = groups.map((shared, group) =>
      groupAttention(
        ...([graph, spec, group, layer, shared, queries] as const),
        ...([groupKeys[group], groupValues[group]] as [Value, Value]),
      ),
    );
    const all = numGroups === 1 ? (mixed[0] as Value) : graph.node("Concat", mixed, { axis: 0 });
    const attended = graph.node("Reshape", [all, graph.ints(-1, numHeads * headDim)]);
    hidden = add(linear(attended, names.output), names.mlpNorm);

    const mlpInput = spec.hasNormsAfter ? hidden : norm(hidden, names.mlpNorm);
    const gate = linear(mlpInput, names.gate);
    const silu = graph.node("Mul", [gate, graph.node("Sigmoid", [gate])]);
    const product = graph.node("Mul", [silu, linear(mlpInput, names.up)]);
    hidden = add(linear(product, names.down), names.afterMlpNorm);
  }

  // One output in place of many, each of which takes the binding some microseconds.
  const newRows = graph.node("Concat", [...newKeys, ...newValues], { axis: 0 });
  graph.output(graphOutputs.newRows, newRows, "float32", ["N", numKeyValueHeads, 1, headDim]);
  const rows = graph.input(graphInputs.rows, "int64", ["R"]);
  const read = graph.node("Gather", [hidden, rows]);
  const logits = operators.product(norm(read, finalNormName), headName(layouts));
  outputHead(graph, spec, scale(logits, scales.logits));
  return graph.build();
}
