import type { WeightPrecision } from "@adaedl/core";
import type { DataType } from "../onnx/schema.ts";
import { int4BlockBytes, numInt4Blocks } from "../quantization/int4.ts";
import { embeddingName, headName, untiedHeadName, type WeightPlan } from "./weight-plan.ts";

/** One array of the weight file. */
export interface StoredArray {
  readonly name: string;
  readonly type: DataType;
  readonly dims: readonly number[];
}

/** How a tensor is stored: its numbers, and their scales where it is quantised. */
export interface WeightLayout {
  readonly precision: WeightPrecision;
  /** Of the tensor; of a linear layer [outputs, inputs]. */
  readonly shape: readonly number[];
  readonly values: StoredArray;
  readonly scales?: StoredArray;
}

/** The arrays of all tensors of a plan. */
export type WeightLayouts = ReadonlyMap<string, WeightLayout>;

/** How each tensor of a plan is stored in that precision. */
export function layWeights(plan: WeightPlan, precision: WeightPrecision): WeightLayouts {
  return new Map(
    [...plan].map(([name, shape]) => [
      name,
      layoutOf(name, shape, precisionOf(name, shape, precision)),
    ]),
  );
}

/** Whether it is multiplied with or looked up, not a norm's or a bias. */
export function isMatrix(shape: readonly number[]): boolean {
  return shape.length === 2;
}

/** Norms and biases are few and sensitive; int4 in embedding and head costs small models most. */
function precisionOf(
  name: string,
  shape: readonly number[],
  precision: WeightPrecision,
): WeightPrecision {
  if (!isMatrix(shape)) return "f32";
  const isVocabulary = name === embeddingName || name === untiedHeadName;
  return precision === "int4" && isVocabulary ? "int8" : precision;
}

/** Bytes of linear layers are transposed, [inputs, outputs], as MatMulInteger wants them. */
function layoutOf(
  name: string,
  shape: readonly number[],
  precision: WeightPrecision,
): WeightLayout {
  if (precision === "f32")
    return { precision, shape, values: { name, type: "float32", dims: shape } };
  const [numOut = 0, numIn = 0] = shape;
  const numBlocks = numInt4Blocks(numIn);
  const [dims, numScales] =
    precision === "int8"
      ? [[numIn, numOut], numOut]
      : [[numOut, numBlocks, int4BlockBytes], numOut * numBlocks];
  return {
    ...{ precision, shape },
    values: { name, type: "uint8", dims },
    scales: { name: `${name}.scales`, type: "float32", dims: [numScales] },
  };
}

const elementBytes = { float32: 4, uint8: 1, int32: 4, int64: 8 } as const;

export function bytesOf({ type, dims }: StoredArray): number {
  return dims.reduce((a, b) => a * b, elementBytes[type]);
}

/** Tensors start on page boundaries, so that the runtime can map them. */
const alignment = 4096;

export function alignUp(offset: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

/** The size of the file that holds them. */
export function weightFileBytes(layouts: WeightLayouts): number {
  return [...layouts.values()]
    .flatMap(({ values, scales }) => (scales === undefined ? [values] : [values, scales]))
    .reduce((end, array) => alignUp(end) + bytesOf(array), 0);
}

/** What onnxruntime packs them to for its kernels, by its release 1.30 on x86-64. */
export function packedBytes(layouts: WeightLayouts): number {
  let total = 0;
  for (const { precision, shape, values, scales } of productsOf(layouts).values()) {
    const [numOut = 0, numIn = 0] = shape;
    const ofScales = scales === undefined ? 0 : bytesOf(scales);
    if (precision === "f32") total += alignUp(4 * numIn * (Math.ceil(numOut / 16) * 16));
    else total += alignUp(bytesOf(values) + (precision === "int4" ? 2 : 1) * ofScales);
  }
  return total;
}

/** The tensors that activations are multiplied with; an embedding is one where it is the head, too. */
export function productsOf(layouts: WeightLayouts): WeightLayouts {
  const head = headName(layouts);
  return new Map(
    [...layouts].filter(
      ([name, { shape }]) => isMatrix(shape) && (name !== embeddingName || name === head),
    ),
  );
}
