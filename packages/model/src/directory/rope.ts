import { AdaedlError } from "@adaedl/core";

/** The rotary embedding of a config, as transformers writes it (old and new field names). */
export interface RopeSettings {
  readonly theta: number;
  readonly headDim: number;
  /** `rope_scaling` or `rope_parameters`. */
  readonly scaling?: Readonly<Record<string, unknown>> | undefined;
  /** For error messages. */
  readonly file: string;
}

/**
 * Radians per position for each pair of dimensions: `default`, `linear` and `llama3` scaling as in
 * transformers' modeling_rope_utils.
 * @returns [headDim / 2]
 * @throws AdaedlError `unimplemented` for another rope type, `invalid_argument` for a bad field
 */
export function inverseFrequencies(settings: RopeSettings): number[] {
  const { theta, headDim, scaling = {}, file } = settings;
  const unscaled = Array.from(
    { length: headDim / 2 },
    (_, pair) => theta ** ((-2 * pair) / headDim),
  );
  const type = scaling.rope_type ?? scaling.type ?? "default";

  const field = (name: string): number => {
    const value = scaling[name];
    if (typeof value === "number" && value > 0) return value;
    throw new AdaedlError(
      "invalid_argument",
      `${file}: rope_scaling.${name} must be a number above 0, got ${String(value)}`,
      { field: `rope_scaling.${name}`, value },
    );
  };

  switch (type) {
    case "default":
      return unscaled;
    case "linear": {
      const factor = field("factor");
      return unscaled.map((frequency) => frequency / factor);
    }
    case "llama3": {
      const factor = field("factor");
      const lowFactor = field("low_freq_factor");
      const highFactor = field("high_freq_factor");
      const trainedLength = field("original_max_position_embeddings");
      return unscaled.map((frequency) => {
        const numTurns = (trainedLength * frequency) / (2 * Math.PI);
        if (numTurns < lowFactor) return frequency / factor;
        if (numTurns > highFactor) return frequency;
        const smooth = (numTurns - lowFactor) / (highFactor - lowFactor);
        return ((1 - smooth) * frequency) / factor + smooth * frequency;
      });
    }
    default:
      throw new AdaedlError(
        "unimplemented",
        `${file}: rope type ${JSON.stringify(type)} is not supported (supported: default, linear, llama3)`,
        { field: "rope_scaling.rope_type", value: type },
      );
  }
}
