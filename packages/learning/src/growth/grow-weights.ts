import type { DecoderSpec } from "@adaedl/model";
import type { WeightPlan } from "@adaedl/model/onnx";
import type { Tensors } from "../optimizer/adam.ts";
import { createNormals } from "./normals.ts";

/** A model's tensors and what they are. */
export interface ModelPlan {
  readonly spec: DecoderSpec;
  readonly plan: WeightPlan;
}

/** Numbers that read new parts, in deviations of their matrix: not 0, so that new parts learn different things. */
const newDeviation = 0.3;
const isNorm = (name: string) => /(layernorm|model\.norm)\.weight$/.test(name);
/** What adds to the residual stream. */
const isOutput = (name: string) => /\.(o_proj|down_proj)\.(weight|bias)$/.test(name);
const isReader = (name: string) => /\.(q|k|v|gate|up)_proj\.weight$/.test(name);

/**
 * The weights of a larger model that computes the same logits. New parts of the residual stream are 0, as neither the
 * embedding nor any layer writes to them yet; new heads, feed-forward units and layers read it, and add 0 to it.
 * @param weights of the model that grows
 */
export function growWeights(
  from: ModelPlan,
  to: ModelPlan,
  weights: Tensors,
): Map<string, Float32Array> {
  const normals = createNormals(1);
  const grown = new Map<string, Float32Array>();
  for (const [name, [numRows = 1, numColumns = 1]] of to.plan) {
    const source = sourceOf(name, from.spec);
    const values = new Float32Array(numRows * numColumns);
    grown.set(name, values);
    if (source !== name && isOutput(name)) continue;
    const old = weights.get(source) as Float32Array;
    const [oldRows = 1, oldColumns = 1] = from.plan.get(source) ?? [];
    const rowOf = /\.q_proj\./.test(name) ? queryRows(from.spec, to.spec) : upTo(oldRows);
    const columnOf = name.endsWith(".o_proj.weight")
      ? queryRows(from.spec, to.spec)
      : upTo(oldColumns);
    // The mean of squares is over more numbers, of which the new ones are 0.
    const scale = isNorm(name) ? Math.sqrt(from.spec.hiddenSize / to.spec.hiddenSize) : 1;
    const deviation = isReader(name) ? newDeviation * deviationOf(old) : 0;
    for (let at = 0; at < values.length; at++) {
      const [row, column] = [rowOf(Math.floor(at / numColumns)), columnOf(at % numColumns)];
      if (row >= 0 && column >= 0) values[at] = scale * (old[row * oldColumns + column] as number);
      else if (isNorm(name)) values[at] = scale;
      else if (deviation > 0) values[at] = deviation * normals();
    }
  }
  return grown;
}

/** The tensor that one of a grown model begins as: a new layer begins as the last one, save that it adds nothing. */
export function sourceOf(name: string, { numLayers }: DecoderSpec): string {
  return name.replace(/layers\.(\d+)\./, (_, layer) => {
    return `layers.${Math.min(Number(layer), numLayers - 1)}.`;
  });
}

/** Where a row was before; below 0: nowhere. */
type OldIndex = (index: number) => number;

const upTo =
  (size: number): OldIndex =>
  (index) =>
    index < size ? index : -1;

/** Of queries, whose heads lie in groups, one for each key-value head: new ones are the last of their group. */
function queryRows(from: DecoderSpec, to: DecoderSpec): OldIndex {
  const [oldSize, size] = [from, to].map(
    ({ numHeads, numKeyValueHeads, headDim }) => (numHeads / numKeyValueHeads) * headDim,
  ) as [number, number];
  return (row) => {
    const at = row % size;
    return at < oldSize ? Math.floor(row / size) * oldSize + at : -1;
  };
}

function deviationOf(values: Float32Array): number {
  let [sum, squares] = [0, 0];
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  return Math.sqrt(Math.max(0, squares / values.length - mean * mean));
}
