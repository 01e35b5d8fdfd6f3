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
interface RopeType {
  /** Its fields, all numbers above 0. */
  readonly fields: readonly string[];
  /** Scales one frequency, in radians per position. */
  scale(frequency: number, field: (name: string) => number): number;
}

/** The types that can be built, as in transformers' modeling_rope_utils. A new one is an entry here. */
export const ropeTypes = {
  default: { fields: [], scale: (frequency) => frequency },
  linear: { fields: ["factor"], scale: (frequency, field) => frequency / field("factor") },
  llama3: {
    fields: ["factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"],
    scale: (frequency, field) => {
      const factor = field("factor");
      const [low, high] = [field("low_freq_factor"), field("high_freq_factor")];
      const numTurns = (field("original_max_position_embeddings") * frequency) / (2 * Math.PI);
      if (numTurns < low) return frequency / factor;
      if (numTurns > high) return frequency;
      const smooth = (numTurns - low) / (high - low);
      return ((1 - smooth) * frequency) / factor + smooth * frequency;
    },
  },
} as const satisfies Readonly<Record<string, RopeType>>;

/** The type that a scaling names; old files call the field `type`. */
export function ropeTypeOf(scaling: RopeScaling): unknown {
  return scaling.rope_type ?? scaling.type ?? "default";
}

/**
 * Radians per position for each pair of dimensions.
 * @param file for messages
 * @returns [headDim / 2]
 * @throws AdaedlError `invalid_argument` for a field that is missing or not above 0
 */
export function inverseFrequencies(rope: RopeSettings, headDim: number, file: string): number[] {
  const type: RopeType = ropeTypes[rope.type as keyof typeof ropeTypes];
  const field = (name: string): number => {
    const value = rope.scaling[name];
    if (typeof value === "number" && value > 0) return value;
    throw invalidFieldIn(file, `${rope.source}.${name}`, value, "must be a number above 0");
  };
  return Array.from({ length: headDim / 2 }, (_, pair) =>
    type.scale(rope.theta ** ((-2 * pair) / headDim), field),
  );
}
