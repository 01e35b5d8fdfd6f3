import { AdaedlError } from "@adaedl/core";
import { type TensorEntry, weightTypes } from "../safetensors/header.ts";
import { unsupportedType, type WeightStore } from "../safetensors/weight-store.ts";
import type { WeightPlan } from "./weight-plan.ts";

/** Tensors that no graph needs, and why they cannot change a text. */
export const harmlessTensors: readonly { readonly pattern: RegExp; readonly reason: string }[] = [
  {
    pattern: /(^|\.)rotary_emb\.inv_freq$/,
    reason: "rotary frequencies, which are computed from config.json",
  },
  { pattern: /(^|\.)position_ids$/, reason: "the numbers 0, 1, 2, …" },
  { pattern: /\.(masked_bias|causal_mask)$/, reason: "the causal mask" },
];

/**
 * Compares the files with the plan: each planned tensor is there, and each other tensor is known to be
 * harmless.
 * @throws AdaedlError `invalid_argument` for a missing tensor or a wrong shape, `unimplemented` for a
 *   number format that cannot be read or a tensor that would be left out, naming file and tensor
 */
export function checkWeights(plan: WeightPlan, weights: WeightStore): void {
  for (const [name, shape] of plan) checkTensor(name, shape, weights);
  const unused = [...weights.entries.values()].filter(
    ({ name }) => !plan.has(name) && !harmlessTensors.some(({ pattern }) => pattern.test(name)),
  );
  if (unused.length > 0) throw unusedTensors(unused);
}

function checkTensor(name: string, shape: readonly number[], weights: WeightStore): void {
  const entry = weights.entries.get(name);
  if (entry === undefined)
    throw new AdaedlError(
      "invalid_argument",
      `tensor ${name} [${shape.join(", ")}] is missing from ${weights.files.join(", ")}`,
      { field: name },
    );
  if (entry.shape.join() !== shape.join())
    throw new AdaedlError(
      "invalid_argument",
      `${entry.file}: tensor ${name} has shape [${entry.shape.join(", ")}], config.json asks for [${shape.join(", ")}]`,
      { field: name, value: entry.shape },
    );
  if (!(entry.type in weightTypes)) throw unsupportedType(entry);
}

function unusedTensors(unused: readonly TensorEntry[]): AdaedlError {
  const [{ file, name, shape }] = unused as [TensorEntry];
  const others = unused.length === 1 ? "" : ` and ${unused.length - 1} more`;
  return new AdaedlError(
    "unimplemented",
    `${file}: tensor ${name} [${shape.join(", ")}]${others}: the model that config.json describes has no such tensor`,
    { field: name },
  );
}
