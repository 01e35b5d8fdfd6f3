import { invalidField } from "@adaedl/core";
import type { DecoderSpec } from "@adaedl/model";

/** A larger model that begins as the same function (Net2Net, arXiv 1511.05641). */
export interface Growth {
  /** Size of the residual stream. */
  readonly width: number;
  readonly numLayers: number;
}

/** Sizes of a feed-forward layer are multiples of it, as kernels like them. */
const mlpBlock = 8;

/**
 * Heads and feed-forward layers grow with the width; heads keep their size, and key-value heads their number.
 * @throws AdaedlError `invalid_argument` for a model that is no larger, or a width that leaves a part of a head
 */
export function growSpec(spec: DecoderSpec, { width, numLayers }: Growth): DecoderSpec {
  const { hiddenSize, numHeads, numKeyValueHeads, intermediateSize } = spec;
  const refuse = (rule: string) => invalidField("grow", `${width}x${numLayers}`, rule);
  const isLarger = width > hiddenSize || numLayers > spec.numLayers;
  if (width < hiddenSize || numLayers < spec.numLayers || !isLarger)
    throw refuse(`must be more than the draft's ${hiddenSize}x${spec.numLayers}`);
  const heads = (numHeads * width) / hiddenSize;
  if (!Number.isInteger(heads / numKeyValueHeads)) {
    const step = (hiddenSize * numKeyValueHeads) / numHeads;
    throw refuse(
      `must have a width that gives each of ${numKeyValueHeads} key-value heads a whole number of query heads: ` +
        (Number.isInteger(step) ? `a multiple of ${step}` : `${numHeads} of them at ${hiddenSize}`),
    );
  }
  return {
    ...spec,
    hiddenSize: width,
    numLayers,
    numHeads: heads,
    intermediateSize:
      width === hiddenSize
        ? intermediateSize
        : mlpBlock * Math.ceil((intermediateSize * width) / hiddenSize / mlpBlock),
    // The mean of squares is over more numbers, of which the new ones are 0.
    rmsNormEps: (spec.rmsNormEps * hiddenSize) / width,
  };
}

/** `config.json` of the grown model. @param config the smaller one's */
export function growConfig(
  config: Readonly<Record<string, unknown>>,
  grown: DecoderSpec,
): Record<string, unknown> {
  const types = config.layer_types;
  const layerTypes = Array.isArray(types)
    ? { layer_types: Array.from({ length: grown.numLayers }, (_, at) => types[at] ?? types.at(-1)) }
    : {};
  return {
    ...config,
    hidden_size: grown.hiddenSize,
    num_hidden_layers: grown.numLayers,
    num_attention_heads: grown.numHeads,
    num_key_value_heads: grown.numKeyValueHeads,
    head_dim: grown.headDim,
    intermediate_size: grown.intermediateSize,
    rms_norm_eps: grown.rmsNormEps,
    ...layerTypes,
  };
}
