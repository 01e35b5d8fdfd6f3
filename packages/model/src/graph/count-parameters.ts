import { findModelSource } from "../directory/model-source.ts";
import { openWeights } from "../safetensors/weight-store.ts";
import { planWeights } from "./weight-plan.ts";

/**
 * Numbers in the weights of the model of a directory; 0 for an exported graph, which does not list them.
 * An embedding that is the output head too counts once.
 * @throws AdaedlError when nothing in the directory can be run
 */
export async function countParameters(directory: string): Promise<number> {
  const source = await findModelSource(directory);
  if (source.format !== "safetensors") return 0;
  const weights = await openWeights(directory);
  try {
    const sizes = [...planWeights(source.spec, weights.entries).values()].map((shape) =>
      shape.reduce((a, b) => a * b),
    );
    return sizes.reduce((a, b) => a + b, 0);
  } finally {
    await weights.close();
  }
}
