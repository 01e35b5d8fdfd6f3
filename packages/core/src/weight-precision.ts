/**
 * How the numbers of a model's linear layers are stored: `f32` as 32-bit floats; `int8` as bytes with a scale
 * for each output; `int4` as half bytes with a scale for each 32 inputs of an output, and the embedding and
 * the head as `int8`. Norms and biases are 32-bit floats in each of them.
 */
export const weightPrecisions = ["f32", "int8", "int4"] as const;
export type WeightPrecision = (typeof weightPrecisions)[number];

/** Draft models with more parameters than these run in int8. */
const maxF32Parameters = 100e6;

/**
 * The precision of a draft model on the CPU for which none was chosen: int8 for a large one, whose forward is mostly
 * reading its weights. Its draft tokens are accepted about as often, and three times as fast (docs/results.md).
 * @param numParameters 0: not known
 */
export function defaultDraftWeights(numParameters: number): WeightPrecision {
  return numParameters > maxF32Parameters ? "int8" : "f32";
}
