import type { DecoderSpec } from "@adaedl/model";
import { layerWeightNames, type Value } from "@adaedl/model/onnx";
import type { Differentiable, Operators } from "./differentiable.ts";
import { headShapes } from "./head-shapes.ts";
import { type TrainingShape, trainingInputs } from "./training-io.ts";

/**
 * Causal attention of one layer, from the normed hidden states to before the output projection.
 *
 * The heads that share a key/value head are rows of one product: Q is [B, KV, heads per group * T, d]. The sum over
 * them in the gradients of keys and values happens within the transposed products.
 * @param normed [B * T, hiddenSize]
 */
export function attention(
  operators: Operators,
  spec: DecoderSpec,
  shape: TrainingShape,
  layer: number,
  normed: Value,
): Differentiable {
  const { graph } = operators;
  const { numHeads, numKeyValueHeads } = spec;
  const { split, join, rotate, shares: sharesOf } = headShapes(graph, spec, shape);
  const names = layerWeightNames(layer);
  const mul = (a: Value, b: Value) => graph.node("Mul", [a, b]);
  const matMul = (a: Value, b: Value) => graph.node("MatMul", [a, b]);
  const transposed = (value: Value) => graph.node("Transpose", [value], { perm: [0, 1, 3, 2] });
  const project = (name: string, normName: string, count: number) =>
    headProjection(operators, spec, shape, normed, { name, normName, count });

  const query = project(names.query, names.queryNorm, numHeads);
  const key = project(names.key, names.keyNorm, numKeyValueHeads);
  const value = operators.linear(normed, names.value);
  const scale = graph.float(1 / Math.sqrt(spec.headDim));
  const { sines } = trainingInputs;
  const queries = split(mul(rotate(query.value, numHeads, sines), scale), numHeads);
  const keys = split(rotate(key.value, numKeyValueHeads, sines), numKeyValueHeads);
  const values = split(value.value, numKeyValueHeads);
  const shares = sharesOf(matMul(queries, transposed(keys)));
  const mixed = matMul(shares, values);

  return {
    value: join(mixed, numHeads),
    backward(gradient) {
      const mixedGradient = split(gradient, numHeads);
      const valueGradient = matMul(transposed(shares), mixedGradient);
      const shareGradient = matMul(mixedGradient, transposed(values));
      // The sum of a row's shares times their gradients, over head size instead of length.
      const along = graph.node("ReduceSum", [mul(mixedGradient, mixed), graph.ints(-1)]);
      const scoreGradient = mul(shares, graph.node("Sub", [shareGradient, along]));
      const queryGradient = mul(matMul(scoreGradient, keys), scale);
      const keyGradient = matMul(transposed(scoreGradient), queries);
      const back = graph.node("Neg", [sines]);
      const unrotate = (value: Value, count: number) => rotate(join(value, count), count, back);
      return graph.node("Sum", [
        query.backward(unrotate(queryGradient, numHeads)),
        key.backward(unrotate(keyGradient, numKeyValueHeads)),
        value.backward(join(valueGradient, numKeyValueHeads)),
      ]);
    },
  };
}

/** A projection to `count` heads, each normed where the architecture does it. [B * T, count * d] */
function headProjection(
  operators: Operators,
  spec: DecoderSpec,
  shape: TrainingShape,
  normed: Value,
  { name, normName, count }: { name: string; normName: string; count: number },
): Differentiable {
  const projected = operators.linear(normed, name);
  if (spec.qkNorm === undefined) return projected;
  const { perHead, perToken } = headShapes(operators.graph, spec, shape);
  const heads = operators.norm(perHead(projected.value), normName);
  return {
    value: perToken(heads.value, count),
    backward: (gradient) => projected.backward(perToken(heads.backward(perHead(gradient)), count)),
  };
}
