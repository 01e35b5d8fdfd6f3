import type { DecoderSpec } from "../directory/decoder-spec.ts";
import type { ExternalData, GraphBuilder, Value } from "../onnx/graph-builder.ts";
import { dataTypes } from "../onnx/schema.ts";
import { int4Block } from "../quantization/int4.ts";
import { int8Zero } from "../quantization/int8.ts";
import { rowQuantizer } from "./row-quantizer.ts";
import type { StoredArray, WeightLayout, WeightLayouts } from "./weight-layout.ts";

/**
 * The operators that have weights, whatever these are stored as. Arrays are declared where they are first used.
 * @param places where each array lies in the external data file
 */
export function weightOperators(
  graph: GraphBuilder,
  { rmsNormEps }: DecoderSpec,
  layouts: WeightLayouts,
  places: ReadonlyMap<string, ExternalData>,
) {
  const declared = new Set<string>();
  const quantizeRows = rowQuantizer(graph);

  const declare = ({ name, type, dims }: StoredArray): Value => {
    const data = places.get(name);
    if (data === undefined) throw new RangeError(`no data for weight ${name}`);
    if (!declared.has(name)) graph.weight(name, type, dims, data);
    declared.add(name);
    return name;
  };
  const layoutOf = (name: string): WeightLayout => {
    const layout = layouts.get(name);
    if (layout === undefined) throw new RangeError(`no layout for weight ${name}`);
    return layout;
  };

  /** value [rows, inputs] times the transposed weight: [rows, outputs] */
  const product = (value: Value, name: string): Value => {
    const { precision, shape, values, scales } = layoutOf(name);
    const weight = declare(values);
    if (scales === undefined) return graph.node("Gemm", [value, weight], { transB: 1 });
    if (precision === "int4") {
      const [numOut = 0, numIn = 0] = shape;
      return graph.node("com.microsoft.MatMulNBits", [value, weight, declare(scales)], {
        ...{ N: numOut, K: numIn, bits: 4, block_size: int4Block },
        accuracy_level: 4, // sums of products of bytes
      });
    }
    const rows = quantizeRows(value);
    const zero = graph.byte(int8Zero);
    const sums = graph.node("com.microsoft.MatMulIntegerToFloat", [
      ...[rows.bytes, weight, graph.float(1), declare(scales), zero, zero],
    ]);
    return graph.node("Mul", [sums, rows.scales]);
  };

  return {
    product,
    /** Hidden states of tokens. [tokens, hiddenSize] */
    embed(name: string, tokenIds: Value): Value {
      const { values, scales } = layoutOf(name);
      const embedding = declare(values);
      if (scales === undefined) return graph.node("Gather", [embedding, tokenIds]);
      const columns = graph.node("Gather", [embedding, tokenIds], { axis: 1 });
      const bytes = graph.node("Transpose", [columns], { perm: [1, 0] });
      const levels = graph.node("Sub", [
        graph.node("Cast", [bytes], { to: dataTypes.float32 }),
        graph.float(int8Zero),
      ]);
      const perToken = graph.node("Gather", [declare(scales), tokenIds]);
      return graph.node("Mul", [levels, graph.node("Reshape", [perToken, graph.ints(-1, 1)])]);
    },
    norm(value: Value, name: string): Value {
      return graph.node("RMSNormalization", [value, declare(layoutOf(name).values)], {
        axis: -1,
        epsilon: { float: rmsNormEps },
      });
    },
    /** A product, plus the bias where there is one. */
    linear(value: Value, name: string): Value {
      const weight = `${name}.weight`;
      const bias = layouts.get(`${name}.bias`);
      if (bias === undefined) return product(value, weight);
      // One operator where there is one: it rounds the sum once.
      const { scales, values } = layoutOf(weight);
      if (scales === undefined)
        return graph.node("Gemm", [value, declare(values), declare(bias.values)], { transB: 1 });
      return graph.node("Add", [product(value, weight), declare(bias.values)]);
    },
  };
}
