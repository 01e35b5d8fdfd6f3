import { writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { WeightPrecision } from "@adaedl/core";
import { buildOnce } from "../cache/build-once.ts";
import { asCacheError, cacheDirectory, requireRoom } from "../cache/cache-directory.ts";
import { cacheKey, isOfOtherBuilder } from "../cache/cache-key.ts";
import { manifestProblem, writeManifest } from "../cache/manifest.ts";
import type { DecoderSpec } from "../directory/decoder-spec.ts";
import { readDecoderSpec } from "../directory/read-config.ts";
import { openWeights } from "../safetensors/weight-store.ts";
import { checkWeights } from "./check-weights.ts";
import { type GraphKind, graphKinds } from "./graph-io.ts";
import { withoutRepeatedHead } from "./tied-head.ts";
import { writeWeightFile } from "./weight-file.ts";
import { layWeights, weightFileBytes } from "./weight-layout.ts";
import type { WeightPacker } from "./weight-packing.ts";
import { planWeights } from "./weight-plan.ts";
import { packingBytes } from "./weight-sizes.ts";

/** What another release built is kept this long after it was last opened: that release may still run. */
const outdatedMs = 7 * 24 * 60 * 60 * 1000;

export interface GraphOptions {
  /** How the weights of the graphs are stored; default: f32. */
  readonly weights?: WeightPrecision | undefined;
  /** Folder of built graphs, where it is not the usual one. */
  readonly cacheDirectory?: string | undefined;
  /** Packs large models once, for all graphs and processes; without it each graph packs a copy when it is opened. */
  readonly packer?: WeightPacker | undefined;
}

/** Graphs of a model, ready to be opened by path. */
export interface PreparedGraph {
  readonly spec: DecoderSpec;
  /** Whether its weights are packed: a large model, whose graphs share one copy of them. */
  readonly isPacked: boolean;
  graphFile(kind: GraphKind): string;
}

/**
 * Builds the graphs of a Hugging Face directory with safetensors weights, or finds them built.
 * @param signal ends a build and removes what it has written so far
 * @throws AdaedlError naming file and field for anything that cannot be built
 */
export async function prepareGraph(
  directory: string,
  { weights: precision = "f32", cacheDirectory: given, packer: offered }: GraphOptions = {},
  signal?: AbortSignal,
): Promise<PreparedGraph> {
  const spec = await readDecoderSpec(directory);
  const weights = await openWeights(directory);
  try {
    const plan = planWeights(spec, weights.entries);
    checkWeights(plan, weights);
    const planned = layWeights(plan, precision);
    const weightBytes = weightFileBytes(planned);
    const packer = offered !== undefined && weightBytes >= offered.leastBytes ? offered : undefined;
    const key = await cacheKey(directory, weights.files, precision, packer?.id);
    const entry = `${basename(resolve(directory))}-${precision}-${key}`;
    const mostBytes = weightBytes + (packer === undefined ? 0 : packingBytes(planned));
    const cache = given ?? (await cacheDirectory());
    const folder = join(cache, "graphs", entry);
    const build = async (temporary: string) => {
      // Loaded here: graphs are built once, and protobuf takes its time at every start.
      const { buildDecoderGraph } = await import("./decoder-graph.ts");
      const { packWeights } = await import("./weight-packing.ts");
      await requireRoom(temporary, mostBytes);
      const needed = spec.hasTiedHead ? await withoutRepeatedHead(plan, weights, signal) : plan;
      const layouts = layWeights(needed, precision);
      const file = join(temporary, "weights.bin");
      const written = await writeWeightFile(file, layouts, weights, signal);
      const places =
        packer === undefined
          ? written
          : await packWeights(file, spec, layouts, written, packer, signal);
      for (const kind of graphKinds)
        await writeFile(
          join(temporary, graphFileName(kind)),
          buildDecoderGraph(spec, layouts, kind, places),
          { mode: 0o644 },
        );
      await writeManifest(temporary, entry, signal);
    };
    await buildOnce(folder, build, {
      problemOf: (found) => manifestProblem(found, entry, signal),
      isStale: ({ name, ageMs }) => isOfOtherBuilder(name) && ageMs > outdatedMs,
    }).catch((error: unknown) => {
      throw asCacheError(error, cache, mostBytes);
    });
    return {
      spec,
      isPacked: packer !== undefined,
      graphFile: (kind) => join(folder, graphFileName(kind)),
    };
  } finally {
    await weights.close();
  }
}

function graphFileName(kind: GraphKind): string {
  return kind === "long" ? "long.onnx" : `groups-${kind}.onnx`;
}
