import type { DecoderSpec } from "../directory/decoder-spec.ts";
import { type ExternalData, GraphBuilder, type Value } from "../onnx/graph-builder.ts";
import { declareSlot, slotAttention } from "./attention.ts";
import { graphInputs, graphOutputs } from "./graph-io.ts";
import { outputHead } from "./output-head.ts";
import type { WeightLayouts } from "./weight-layout.ts";
import { weightOperators } from "./weight-operators.ts";
import { embeddingName, finalNormName, headName, layerWeightNames } from "./weight-plan.ts";

/**
 * Writes the decoder as an ONNX graph for a fixed number of slots (sessions per step).
 *
 * All linear layers run over the tokens of all slots at once; attention runs slot by slot, each over
 * its own cache of its own length. The caches are inputs and stay untouched: the graph returns only
 * the new tokens' rows, and the caller commits those that were accepted.
 *
 * @param layouts the tensors it is made of: where there is a bias, it is added
 * @param places where each of their arrays lies in the external data file
 * @returns the bytes of a .onnx file
 */
export function buildDecoderGraph(
  spec: DecoderSpec,
  layouts: WeightLayouts,
  numSlots: number,
  places: ReadonlyMap<string, ExternalData>,
): Uint8Array {
  const { headDim, numHeads, numKeyValueHeads } = spec;
  const graph = new GraphBuilder(`${spec.architecture} with ${numSlots} slots`);
  const operators = weightOperators(graph, spec, layouts, places);
  const { norm, linear } = operators;
  const asBatch = (value: Value, size: number) =>
    graph.node("Reshape", [value, graph.ints(1, -1, size)]);
  const rotate = (value: Value, count: number) =>
    graph.node("RotaryEmbedding", [value, cosines, sines], { num_heads: count });
  const splitSlots = (value: Value): Value[] =>
    numSlots === 1
      ? [value]
      : graph.nodeWithOutputs("Split", [value, graphInputs.slotSizes], numSlots, { axis: 1 });

  const tokenIds = graph.input(graphInputs.tokenIds, "int64", ["T"]);
  const cosines = graph.input(graphInputs.cosines, "float32", [1, "T", headDim / 2]);
  const sines = graph.input(graphInputs.sines, "float32", [1, "T", headDim / 2]);
  if (numSlots > 1) graph.input(graphInputs.slotSizes, "int64", [numSlots]);
  const slots = Array.from({ length: numSlots }, (_, slot) => declareSlot(graph, spec, slot));

  const querySize = numHeads * headDim;
  const keyValueSize = numKeyValueHeads * headDim;
  const scale = graph.float(1 / Math.sqrt(headDim));
  let hidden = operators.embed(embeddingName, tokenIds); // [T, hiddenSize]

  for (let layer = 0; layer < spec.numLayers; layer++) {
    const names = layerWeightNames(layer);
    const normed = norm(hidden, names.attentionNorm);
    let query = linear(normed, names.query);
    let key = linear(normed, names.key);
    if (spec.hasQkNorm) {
      query = operators.normHeads(query, names.queryNorm, querySize);
      key = operators.normHeads(key, names.keyNorm, keyValueSize);
    }
    const queries = graph.node("Mul", [rotate(asBatch(query, querySize), numHeads), scale]);
    const keys = rotate(asBatch(key, keyValueSize), numKeyValueHeads);
    const values = asBatch(linear(normed, names.value), keyValueSize);
    graph.output(graphOutputs.newKeys(layer), keys, "float32", [1, "T", keyValueSize]);
    graph.output(graphOutputs.newValues(layer), values, "float32", [1, "T", keyValueSize]);

    const slotQueries = splitSlots(queries);
    const slotKeys = splitSlots(keys);
    const slotValues = splitSlots(values);
    const mixed = slots.map((shared, slot) =>
      slotAttention(
        ...([graph, spec, slot, layer, shared] as const),
        ...([slotQueries[slot], slotKeys[slot], slotValues[slot]] as [Value, Value, Value]),
      ),
    );
    const attended =
      numSlots === 1 ? (mixed[0] as Value) : graph.node("Concat", mixed, { axis: 0 });
    hidden = graph.node("Add", [hidden, linear(attended, names.output)]);

    const mlpInput = norm(hidden, names.mlpNorm);
    const gate = linear(mlpInput, names.gate);
    const silu = graph.node("Mul", [gate, graph.node("Sigmoid", [gate])]);
    const product = graph.node("Mul", [silu, linear(mlpInput, names.up)]);
    hidden = graph.node("Add", [hidden, linear(product, names.down)]);
  }

  const rows = graph.input(graphInputs.rows, "int64", ["R"]);
  const read = graph.node("Gather", [hidden, rows]);
  const logits = operators.product(norm(read, finalNormName), headName(layouts));
  outputHead(graph, spec, logits);
  return graph.build();
}
