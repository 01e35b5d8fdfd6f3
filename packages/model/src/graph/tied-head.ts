import { throwIfAborted } from "@adaedl/core";
import type { WeightStore } from "../safetensors/weight-store.ts";
import { embeddingName, untiedHeadName, type WeightPlan } from "./weight-plan.ts";

/**
 * Leaves the head out of a plan where it repeats the embedding, as some tools write tied models: the
 * embedding is then kept in memory once. Reads both.
 */
export async function withoutRepeatedHead(
  plan: WeightPlan,
  weights: WeightStore,
  signal?: AbortSignal,
): Promise<WeightPlan> {
  if (!plan.has(untiedHeadName) || !(await haveEqualBytes(weights, signal))) return plan;
  return new Map([...plan].filter(([name]) => name !== untiedHeadName));
}

async function haveEqualBytes(weights: WeightStore, signal?: AbortSignal): Promise<boolean> {
  const [head, embedding] = [untiedHeadName, embeddingName].map((name) =>
    weights.entries.get(name),
  );
  if (head?.type !== embedding?.type) return false;
  const others = weights.read(embeddingName);
  for await (const values of weights.read(untiedHeadName)) {
    throwIfAborted(signal);
    const other = (await others.next()).value;
    if (other === undefined || !bytesOf(values).equals(bytesOf(other))) return false;
  }
  return true;
}

function bytesOf(values: Float32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}
