/** `rope_scaling` or `rope_parameters` of config.json. Older files say `type` for `rope_type`. */
export interface RopeScaling {
  readonly rope_theta?: number;
  readonly rope_type?: string;
  readonly type?: string;
  readonly factor?: number;
  readonly low_freq_factor?: number;
  readonly high_freq_factor?: number;
  readonly original_max_position_embeddings?: number;
}

/**
 * Angular velocities of the rotary embedding, in radians per position.
 *
 * @returns [headDim / 2], the fastest first
 * @throws Error when the scaling is of a kind other than default, linear and llama3
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
  throw new Error(`the reference has no ${kind} rope scaling`);
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
