import type { DecoderSpec } from "./decoder-spec.ts";
import { invalidFieldIn } from "./field-table.ts";

/** `rope_scaling` or `rope_parameters` of config.json. */
export type RopeScaling = Readonly<Record<string, unknown>>;

/** The rotary embedding that a config asks for. */
export interface RopeSettings {
  readonly theta: number;
  /** A key of `ropeTypes`. */
  readonly type: string;
  readonly scaling: RopeScaling;
  /** The field that `scaling` is from, for messages. */
  readonly source: "rope_scaling" | "rope_parameters";
}

/** One type of rotary scaling. */
export interface RopeType {
  /** Its fields, all numbers above 0. */
  readonly fields: readonly string[];
  /** Fields that may be absent. */
  readonly optional?: readonly string[];
  /**
   * Scales one frequency, in radians per position.
   * @param pair which of the pairs of dimensions it turns
   */
  scale(frequency: number, read: RopeReader, pair: number): number;
  /** Factor of rotated queries and keys; absent: 1. */
  rotationScale?(read: RopeReader): number;
}

/** Reads what a type needs. */
export interface RopeReader {
  /** @throws AdaedlError `invalid_argument` where it is no number above 0, and absent without a default */
  field(name: string, byDefault?: number): number;
  has(name: string): boolean;
  readonly theta: number;
  readonly headDim: number;
}

/** The types that can be built, as in transformers' modeling_rope_utils. A new one is an entry here. */
export const ropeTypes = {
  default: { fields: [], scale: (frequency) => frequency },
  linear: { fields: ["factor"], scale: (frequency, { field }) => frequency / field("factor") },
  llama3: {
    fields: ["factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"],
    scale: (frequency, { field }) => {
      const factor = field("factor");
      const [low, high] = [field("low_freq_factor"), field("high_freq_factor")];
      const numTurns = (field("original_max_position_embeddings") * frequency) / (2 * Math.PI);
      if (numTurns < low) return frequency / factor;
      if (numTurns > high) return frequency;
      const smooth = (numTurns - low) / (high - low);
      return ((1 - smooth) * frequency) / factor + smooth * frequency;
    },
  },
  /** YaRN, arXiv 2309.00071: slow frequencies are divided, fast ones stay, and attention gets sharper. */
  yarn: {
    fields: ["factor", "original_max_position_embeddings"],
    optional: ["beta_fast", "beta_slow", "attention_factor", "mscale", "mscale_all_dim"],
    scale: (frequency, read, pair) => {
      const [low, high] = yarnRange(read);
      const ramp = Math.min(1, Math.max(0, (pair - low) / (high - low)));
      return (frequency / read.field("factor")) * ramp + frequency * (1 - ramp);
    },
    rotationScale: ({ field, has }) => {
      if (has("attention_factor")) return field("attention_factor");
      const sharpness = (scale: number) => 0.1 * scale * Math.log(Math.max(1, field("factor"))) + 1;
      return has("mscale") && has("mscale_all_dim")
        ? sharpness(field("mscale")) / sharpness(field("mscale_all_dim"))
        : sharpness(1);
    },
  },
} as const satisfies Readonly<Record<string, RopeType>>;

/** The pairs of dimensions between which frequencies go over from kept to divided. */
function yarnRange({ field, theta, headDim }: RopeReader): [number, number] {
  const length = field("original_max_position_embeddings");
  const pairOfTurns = (numTurns: number) =>
    (headDim * Math.log(length / (numTurns * 2 * Math.PI))) / (2 * Math.log(theta));
  const first = Math.max(0, Math.floor(pairOfTurns(field("beta_fast", 32))));
  const last = Math.min(headDim - 1, Math.ceil(pairOfTurns(field("beta_slow", 1))));
  return [first, first === last ? last + 0.001 : last];
}

/** The type that a scaling names; old files call the field `type`. */
export function ropeTypeOf(scaling: RopeScaling): unknown {
  return scaling.rope_type ?? scaling.type ?? "default";
}

/**
 * Radians per position for each pair of dimensions [headDim / 2], and the factor of what is rotated where it is not 1.
 * @param file for messages
 * @throws AdaedlError `invalid_argument` for a field that is missing or not above 0
 */
export function rotationOf(
  rope: RopeSettings,
  headDim: number,
  file: string,
): Pick<DecoderSpec, "inverseFrequencies" | "rotationScale"> {
  const type: RopeType = ropeTypes[rope.type as keyof typeof ropeTypes];
  const { scaling, source, theta } = rope;
  const read: RopeReader = {
    ...{ theta, headDim },
    has: (name) => scaling[name] != null,
    field(name, byDefault) {
      const value = scaling[name] ?? byDefault;
      if (typeof value === "number" && value > 0) return value;
      throw invalidFieldIn(file, `${source}.${name}`, scaling[name], "must be a number above 0");
    },
  };
  const inverseFrequencies = Array.from({ length: headDim / 2 }, (_, pair) =>
    type.scale(theta ** ((-2 * pair) / headDim), read, pair),
  );
  const rotationScale = type.rotationScale?.(read) ?? 1;
  return { inverseFrequencies, ...(rotationScale === 1 ? {} : { rotationScale }) };
}
