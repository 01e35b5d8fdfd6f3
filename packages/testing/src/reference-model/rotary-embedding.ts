/** `rope_scaling` or `rope_parameters` of config.json. Older files say `type` for `rope_type`. */
export interface RopeScaling {
  readonly rope_theta?: number;
  readonly rope_type?: string;
  readonly type?: string;
  readonly factor?: number;
  readonly low_freq_factor?: number;
  readonly high_freq_factor?: number;
  readonly original_max_position_embeddings?: number;
  readonly beta_fast?: number;
  readonly beta_slow?: number;
  readonly attention_factor?: number;
}

/**
 * Angular velocities of the rotary embedding, in radians per position.
 *
 * @returns [headDim / 2], the fastest first
 * @throws Error when the scaling is of a kind other than default, linear, llama3 and yarn
 */
export function rotaryFrequencies(
  headDim: number,
  theta: number,
  scaling: RopeScaling | null,
): number[] {
  const frequencies = Array.from({ length: headDim / 2 }, (_, i) => theta ** ((-2 * i) / headDim));
  const kind = scaling?.rope_type ?? scaling?.type ?? "default";
  if (scaling === null || kind === "default") return frequencies;
  if (kind === "linear") {
    const factor = required(scaling, "factor");
    return frequencies.map((frequency) => frequency / factor);
  }
  if (kind === "llama3") return frequencies.map((frequency) => scaleLlama3(frequency, scaling));
  if (kind === "yarn") return scaleYarn(frequencies, headDim, theta, scaling);
  throw new Error(`the reference has no ${kind} rope scaling`);
}

/** What turned queries and keys are multiplied by: YaRN makes attention sharper. */
export function rotaryFactor(scaling: RopeScaling | null): number {
  if ((scaling?.rope_type ?? scaling?.type) !== "yarn" || scaling === null) return 1;
  return scaling.attention_factor ?? 0.1 * Math.log(required(scaling, "factor")) + 1;
}

/** YaRN, section 3.2: by how often a pair of dimensions turns within the original length. */
function scaleYarn(
  frequencies: readonly number[],
  headDim: number,
  theta: number,
  scaling: RopeScaling,
): number[] {
  const length = required(scaling, "original_max_position_embeddings");
  const factor = required(scaling, "factor");
  // theta ** (-2 pair / headDim) * length / (2 pi) = turns, solved for the pair
  const pairOf = (turns: number) =>
    (Math.log(length / (2 * Math.PI * turns)) / Math.log(theta)) * (headDim / 2);
  const kept = Math.max(Math.floor(pairOf(scaling.beta_fast ?? 32)), 0);
  const divided = Math.min(Math.ceil(pairOf(scaling.beta_slow ?? 1)), headDim - 1);
  return frequencies.map((frequency, pair) => {
    if (pair <= kept) return frequency;
    if (pair >= divided) return frequency / factor;
    const share = (pair - kept) / (divided - kept);
    return (1 - share) * frequency + (share * frequency) / factor;
  });
}

/**
 * Turns one head vector to its position. As in transformers, entry i is paired with entry
 * i + headDim / 2, not with its neighbour.
 *
 * @param head - [headDim]
 * @param frequencies - [headDim / 2]
 * @returns [headDim]
 */
export function rotate(
  head: Float64Array,
  position: number,
  frequencies: readonly number[],
): Float64Array {
  const half = frequencies.length;
  const rotated = new Float64Array(head.length);
  frequencies.forEach((frequency, i) => {
    const cosine = Math.cos(position * frequency);
    const sine = Math.sin(position * frequency);
    const first = head[i] ?? Number.NaN;
    const second = head[i + half] ?? Number.NaN;
    rotated[i] = first * cosine - second * sine;
    rotated[i + half] = second * cosine + first * sine;
  });
  return rotated;
}

/** Llama 3.1: fast frequencies stay, slow ones are divided, those between are interpolated. */
function scaleLlama3(frequency: number, scaling: RopeScaling): number {
  const factor = required(scaling, "factor");
  const lowFactor = required(scaling, "low_freq_factor");
  const highFactor = required(scaling, "high_freq_factor");
  const originalLength = required(scaling, "original_max_position_embeddings");

  const wavelength = (2 * Math.PI) / frequency;
  if (wavelength < originalLength / highFactor) return frequency;
  if (wavelength > originalLength / lowFactor) return frequency / factor;
  const smooth = (originalLength / wavelength - lowFactor) / (highFactor - lowFactor);
  return ((1 - smooth) * frequency) / factor + smooth * frequency;
}

function required(
  scaling: RopeScaling,
  key: Exclude<keyof RopeScaling, "rope_theta" | "rope_type" | "type">,
) {
  const value = scaling[key];
  if (value === undefined) throw new Error(`rope_scaling has no ${key}`);
  return value;
}
