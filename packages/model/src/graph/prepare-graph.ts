import { writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { buildOnce } from "../cache/build-once.ts";
import { asCacheError, cacheDirectory } from "../cache/cache-directory.ts";
import { cacheKey } from "../cache/cache-key.ts";
import type { DecoderSpec } from "../directory/decoder-spec.ts";
import { readDecoderSpec } from "../directory/read-config.ts";
import { openWeights } from "../safetensors/weight-store.ts";
import { checkWeights } from "./check-weights.ts";
import { slotCounts } from "./graph-io.ts";
import { withoutRepeatedHead } from "./tied-head.ts";
import { writeWeightFile } from "./weight-file.ts";
import { planWeights } from "./weight-plan.ts";

/** Graphs of a model, ready to be opened by path. */
export interface PreparedGraph {
  readonly spec: DecoderSpec;
  /** The .onnx file for `numSlots` slots, which must be one of `slotCounts`. */
  graphFile(numSlots: number): string;
}

/**
 * Builds the graphs of a Hugging Face directory with safetensors weights, or finds them built.
 * @param given folder of built graphs, where it is not the usual one
 * @param signal ends a build and removes what it has written so far
 * @throws AdaedlError naming file and field for anything that cannot be built
 */
export async function prepareGraph(
  directory: string,
  given?: string,
  signal?: AbortSignal,
): Promise<PreparedGraph> {
  const spec = await readDecoderSpec(directory);
  const weights = await openWeights(directory);
  try {
    const plan = planWeights(spec, weights.entries);
    checkWeights(plan, weights);
    const key = await cacheKey(directory, weights.files);
    const cache = given ?? (await cacheDirectory());
    const folder = join(cache, "graphs", `${basename(resolve(directory))}-${key}`);
    await buildOnce(folder, async (temporary) => {
      // Loaded here: graphs are built once, and protobuf takes its time at every start.
      const { buildDecoderGraph } = await import("./decoder-graph.ts");
      const shapes = spec.hasTiedHead ? await withoutRepeatedHead(plan, weights, signal) : plan;
      const places = await writeWeightFile(
        join(temporary, "weights.bin"),
        shapes.keys(),
        weights,
        signal,
      );
      for (const numSlots of slotCounts)
        await writeFile(
          join(temporary, graphFileName(numSlots)),
          buildDecoderGraph(spec, shapes, numSlots, places),
        );
    }).catch((error: unknown) => {
      throw asCacheError(error, cache);
    });
    return { spec, graphFile: (numSlots) => join(folder, graphFileName(numSlots)) };
  } finally {
    await weights.close();
  }
}

function graphFileName(numSlots: number): string {
  return `slots-${numSlots}.onnx`;
}
