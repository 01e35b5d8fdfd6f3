import { type WeightPrecision, weightPrecisions } from "@adaedl/core";
import {
  checkWeights,
  type DecoderSpec,
  layWeights,
  openWeights,
  planWeights,
  sizesOf,
  type WeightSizes,
} from "@adaedl/model";

export interface WeightFacts {
  readonly numParameters: number;
  readonly types: readonly string[];
  readonly preparedBytes: Readonly<Record<WeightPrecision, WeightSizes>>;
}

/**
 * Reads the headers of a model's weights and compares them with what its graph needs.
 * @param attempt runs a check and keeps the problem it throws
 * @returns null when the headers cannot be read
 */
export async function inspectWeights(
  directory: string,
  spec: DecoderSpec,
  attempt: <T>(check: () => Promise<T>) => Promise<T | null>,
): Promise<WeightFacts | null> {
  const weights = await attempt(() => openWeights(directory));
  if (weights === null) return null;
  try {
    const plan = planWeights(spec, weights.entries);
    await attempt(async () => checkWeights(plan, weights));
    const sizes = weightPrecisions.map((precision) => [
      precision,
      sizesOf(layWeights(plan, precision)),
    ]);
    const entries = [...weights.entries.values()];
    return {
      numParameters: entries.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
      types: [...new Set(entries.map(({ type }) => type))].sort(),
      preparedBytes: Object.fromEntries(sizes),
    };
  } finally {
    await weights.close();
  }
}
