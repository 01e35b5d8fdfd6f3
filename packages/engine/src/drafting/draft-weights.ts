import { defaultDraftWeights } from "@adaedl/core";
import { countParameters } from "@adaedl/model";
import type { ModelThreadOptions } from "@adaedl/runtime";

/**
 * Chooses the precision of a draft model, where none was: see `defaultDraftWeights`. Elsewhere than on the CPU, and of
 * an exported graph, it is f32.
 * @throws AdaedlError when nothing in the directory can be run
 */
export async function withDraftWeights<Options extends ModelThreadOptions>(
  options: Options,
): Promise<Options> {
  if (options.weights !== undefined || (options.provider ?? "cpu") !== "cpu") return options;
  const weights = defaultDraftWeights(await countParameters(options.directory));
  return weights === "f32" ? options : { ...options, weights };
}
