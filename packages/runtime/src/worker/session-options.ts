import { availableParallelism } from "node:os";
import { AdaedlError } from "@adaedl/core";
import { env, InferenceSession } from "onnxruntime-node";
import { defaultProvider, type ModelThreadOptions } from "../messages.ts";

// A provider that cannot start is reported once, by us.
env.logLevel = "fatal";
/**
 * Errors are thrown as well, and reported once, by us: printed, they would stand among JSON lines. And
 * TensorScatter warns at every step that it copies, which is what we want.
 */
const fatalOnly = 4;

/**
 * Opens a graph with the provider asked for, or not at all.
 * @throws AdaedlError `failed_precondition` naming the provider and onnxruntime's reason
 */
export async function openSession(
  graphFile: string,
  options: Pick<ModelThreadOptions, "provider" | "numThreads">,
): Promise<InferenceSession> {
  const provider = options.provider ?? defaultProvider;
  const numThreads = options.numThreads ?? Math.max(1, availableParallelism() - 1);
  try {
    return await InferenceSession.create(graphFile, {
      executionProviders: [provider],
      intraOpNumThreads: numThreads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      logSeverityLevel: fatalOnly,
      // Threads that spin while they wait make everything slower where the cores are shared.
      extra: { session: { intra_op: { allow_spinning: "0" } } },
    });
  } catch (error) {
    const reason = (error as Error).message.split("\n")[0];
    throw new AdaedlError(
      "failed_precondition",
      `provider ${provider} cannot run ${graphFile}: ${reason}`,
      { field: "provider", value: provider, cause: error },
    );
  }
}
