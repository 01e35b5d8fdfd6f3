import { mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { AdaedlError, throwIfAborted } from "@adaedl/core";
import { openWeights } from "@adaedl/model";
import type { WeightPlan } from "@adaedl/model/onnx";
import { type StoredTensor, writeSafetensors } from "../directory/write-safetensors.ts";
import type { OptimizerState } from "../optimizer/adam.ts";

const stateFile = "model.safetensors"; // the name by which a directory's weights are found
const stepsName = "steps";
const parts = ["weights", "means", "squares", "averages"] as const;
type Part = (typeof parts)[number];
const nameIn = (part: Part, name: string) => `${part} ${name}`;

/** Writes all that the next step depends on. A file of an earlier step is replaced when the new one is whole. */
export async function saveState(
  directory: string,
  plan: WeightPlan,
  state: OptimizerState,
): Promise<void> {
  const tensors = new Map<string, StoredTensor>();
  for (const part of parts)
    for (const [name, shape] of plan) {
      const values = state[part].get(name) as Float32Array;
      tensors.set(nameIn(part, name), { values, shape, type: "F32" });
    }
  const values = Float32Array.of(state.numSteps); // exact up to 16 million
  tensors.set(stepsName, { values, shape: [1], type: "F32" });
  await mkdir(directory, { recursive: true });
  const unfinished = join(directory, "unfinished");
  await rm(unfinished, { force: true });
  await writeSafetensors(unfinished, tensors);
  await rename(unfinished, join(directory, stateFile));
}

/**
 * @returns undefined where nothing was saved
 * @throws AdaedlError `failed_precondition` where it was saved for a model of other tensors
 */
export async function loadState(
  directory: string,
  plan: WeightPlan,
  signal: AbortSignal,
): Promise<OptimizerState | undefined> {
  const isThere = await stat(join(directory, stateFile)).then(
    () => true,
    () => false,
  );
  if (!isThere) return undefined;
  const store = await openWeights(directory);
  const read = async (name: string, shape: readonly number[]) => {
    if (store.entries.get(name)?.shape.join() !== shape.join())
      throw new AdaedlError(
        "failed_precondition",
        `${directory} holds the training of another model: it has no ${name} [${shape.join(", ")}]`,
        { field: directory },
      );
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
    let at = 0;
    for await (const piece of store.read(name)) {
      throwIfAborted(signal);
      values.set(piece, at);
      at += piece.length;
    }
    return values;
  };
  try {
    const all = new Map<Part, Map<string, Float32Array>>();
    for (const part of parts) {
      const tensors = new Map<string, Float32Array>();
      for (const [name, shape] of plan) tensors.set(name, await read(nameIn(part, name), shape));
      all.set(part, tensors);
    }
    const [numSteps = 0] = await read(stepsName, [1]);
    return { ...(Object.fromEntries(all) as Record<Part, Map<string, Float32Array>>), numSteps };
  } finally {
    await store.close();
  }
}
