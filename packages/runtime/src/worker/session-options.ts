import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { basename } from "node:path";
import { AdaedlError } from "@adaedl/core";
import { leastPackedBytes, type WeightPacker } from "@adaedl/model/graphs";
import { env, InferenceSession } from "onnxruntime-node";
import { defaultProvider, type ModelThreadOptions } from "../messages.ts";

// A provider that cannot start is reported once, by us.
env.logLevel = "fatal";
/** Errors are thrown as well, and reported once, by us: printed, they would stand among JSON lines. */
const fatalOnly = 4;

const commonOptions = {
  interOpNumThreads: 1,
  executionMode: "sequential",
  logSeverityLevel: fatalOnly,
} as const;

const commonSettings = {
  // Threads that spin while they wait make everything slower where the cores are shared.
  intra_op: { allow_spinning: "0" },
};

/**
 * Opens a graph with the provider asked for, or not at all.
 * @param graph its file, or the bytes of one
 * @param plansMemory lays all results of a run out in one piece of memory beforehand, where their sizes are known
 * @throws AdaedlError `failed_precondition` naming the provider and onnxruntime's reason
 */
export async function openSession(
  graph: string | Uint8Array,
  options: Pick<ModelThreadOptions, "provider" | "numThreads">,
  plansMemory = true,
): Promise<InferenceSession> {
  const provider = options.provider ?? defaultProvider;
  const numThreads = options.numThreads ?? Math.max(1, availableParallelism() - 1);
  try {
    return await InferenceSession.create(graph as string, {
      ...commonOptions,
      enableMemPattern: plansMemory,
      executionProviders: [provider],
      intraOpNumThreads: numThreads,
      extra: { session: commonSettings },
    });
  } catch (error) {
    const reason = (error as Error).message.split("\n")[0];
    throw new AdaedlError(
      "failed_precondition",
      `provider ${provider} cannot run ${typeof graph === "string" ? graph : "the graph"}: ${reason}`,
      { field: "provider", value: provider, cause: error },
    );
  }
}

/** Packs weights as the CPU kernels of this machine want them. */
export function weightPacker(): WeightPacker {
  return {
    leastBytes: leastPackedBytes,
    id: `onnxruntime ${env.versions.node} ${process.arch} ${kindOfCpu()}`,
    async pack(graphFile, saved) {
      const session = await InferenceSession.create(graphFile, {
        ...commonOptions,
        intraOpNumThreads: 1,
        optimizedModelFilePath: saved.graph,
        extra: {
          session: {
            ...commonSettings,
            optimized_model_external_initializers_file_name: basename(saved.data),
            optimized_model_external_initializers_min_size_in_bytes: "1024",
            save_external_prepacked_constant_initializers: "1",
          },
        },
      });
      await session.release();
    },
  };
}

/** Vector instructions; other features change with the kernel and the microcode. */
const vectorFeature = /^(sse|ssse|avx|fma|f16c|amx|asimd|sve|sme|bf16|i8mm)/;

/** What kernels are chosen by. */
function kindOfCpu(): string {
  try {
    const [first = ""] = readFileSync("/proc/cpuinfo", "utf8").split("\n\n");
    const lineOf = (name: string) => first.match(new RegExp(`^${name}\\s*:(.*)$`, "m"))?.[1] ?? "";
    const features = `${lineOf("flags")} ${lineOf("Features")}`.split(" ");
    return [lineOf("model name"), ...features.filter((one) => vectorFeature.test(one))].join(" ");
  } catch {
    return cpus()[0]?.model ?? "";
  }
}
