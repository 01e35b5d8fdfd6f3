import type { GraphBuilder, Value } from "../onnx/graph-builder.ts";
import { int8Zero } from "../quantization/int8.ts";

/** Rows of activations as bytes: value ≈ (byte - 128) · scale. */
export interface QuantizedRows {
  readonly bytes: Value;
  /** [rows, 1] */
  readonly scales: Value;
}

/** Below any activation that counts; rows of zeros have this peak, and the bytes of zeros. */
const leastPeak = 1e-30;

/**
 * Quantises rows of activations, with a scale of its own for each row: the largest absolute value is 127. No row
 * depends on another one, as it does with one scale for all (`DynamicQuantizeLinear`). A value that several
 * layers multiply is quantised once.
 */
export function rowQuantizer(graph: GraphBuilder): (value: Value) => QuantizedRows {
  const known = new Map<Value, QuantizedRows>();
  const quantize = (value: Value): QuantizedRows => {
    const sizes = graph.node("Abs", [value]);
    const peaks = graph.node("ReduceMax", [sizes, graph.ints(-1)], { keepdims: 1 });
    const atLeast = graph.node("Max", [peaks, graph.float(leastPeak)]);
    const scales = graph.node("Mul", [atLeast, graph.float(1 / 127)]);
    const levels = graph.node("Div", [value, scales]);
    const shift = [graph.float(1), graph.byte(int8Zero)];
    return { bytes: graph.node("QuantizeLinear", [levels, ...shift]), scales };
  };
  return (value) => {
    const rows = known.get(value) ?? quantize(value);
    known.set(value, rows);
    return rows;
  };
}
