import type { DecoderSpec } from "@adaedl/model";
import type { GraphBuilder, Value } from "@adaedl/model/onnx";
import { type TrainingShape, trainingInputs } from "./training-io.ts";

/** Heads of queries, keys and values, as rows of tokens and as batches of matrices. */
export function headShapes(
  graph: GraphBuilder,
  { headDim, numHeads, numKeyValueHeads }: DecoderSpec,
  { numRows, length }: TrainingShape,
) {
  const numTokens = numRows * length;
  const groupSize = numHeads / numKeyValueHeads;
  const reshape = (value: Value, ...dims: number[]) =>
    graph.node("Reshape", [value, graph.ints(...dims)]);
  const swap = (value: Value) => graph.node("Transpose", [value], { perm: [0, 2, 1, 3] });
  const perGroup = [numRows, numKeyValueHeads, groupSize, length, length] as const;
  const perKeyHead = [numRows, numKeyValueHeads, groupSize * length, length] as const;

  return {
    /** [B * T, count * d] to [B, KV, count / KV * T, d] */
    split(value: Value, count: number): Value {
      const heads = swap(reshape(value, numRows, length, count, headDim));
      const rows = (count / numKeyValueHeads) * length;
      return reshape(heads, numRows, numKeyValueHeads, rows, headDim);
    },
    /** And back. */
    join(value: Value, count: number): Value {
      const heads = swap(reshape(value, numRows, count, length, headDim));
      return reshape(heads, numTokens, count * headDim);
    },
    /** [B * T, count * d] to [B * T * count, d] */
    perHead: (value: Value) => reshape(value, -1, headDim),
    /** And back. */
    perToken: (value: Value, count: number) => reshape(value, numTokens, count * headDim),
    /** Rotates the heads of each token by its position; by the negative sines, back. [B * T, count * d] */
    rotate(value: Value, count: number, sines: Value): Value {
      const tokens = reshape(value, numRows, length, count * headDim);
      const inputs = [tokens, trainingInputs.cosines, sines];
      const rotated = graph.node("RotaryEmbedding", inputs, { num_heads: count });
      return reshape(rotated, numTokens, count * headDim);
    },
    /** Shares of what each token sees. [B, KV, heads per group * T, T] */
    shares(scores: Value): Value {
      const masked = graph.node("Add", [reshape(scores, ...perGroup), trainingInputs.mask]);
      return reshape(graph.node("Softmax", [masked], { axis: -1 }), ...perKeyHead);
    },
  };
}
