import { join } from "node:path";
import {
  createTinyTensors,
  type NamedTensor,
  type TensorDtype,
  type TinyModelOptions,
  writeSafetensors,
  writeTinyModel,
} from "@adaedl/testing";
import { expect, test } from "vitest";
import { readDecoderSpec } from "../directory/read-config.ts";
import { openWeights } from "../safetensors/weight-store.ts";
import { newPath } from "../temporary-directory.cases.ts";
import { withoutRepeatedHead } from "./tied-head.ts";
import { headName, planWeights } from "./weight-plan.ts";

const options: TinyModelOptions = { architecture: "qwen2", tieWordEmbeddings: true };

/** The head of a tied model whose file has one, made from its embedding. */
async function headOf(change: (embedding: NamedTensor) => NamedTensor): Promise<string> {
  const { directory } = writeTinyModel(newPath(), options);
  const tensors = createTinyTensors(options);
  const [embedding] = tensors as [NamedTensor];
  const head = { ...change(embedding), name: "lm_head.weight" };
  writeSafetensors(join(directory, "model.safetensors"), [...tensors, head]);
  const weights = await openWeights(directory);
  try {
    const plan = planWeights(await readDecoderSpec(directory), weights.entries);
    return headName(await withoutRepeatedHead(plan, weights));
  } finally {
    await weights.close();
  }
}

test("a head that repeats the embedding is left out", async () => {
  expect(await headOf((embedding) => embedding)).toBe("model.embed_tokens.weight");
});

test("a head that differs in its last number is kept", async () => {
  const changed = ({ values, ...rest }: NamedTensor) => ({
    ...rest,
    values: Array.from(values).fill(7, -1),
  });
  expect(await headOf(changed)).toBe("lm_head.weight");
});

test("a head in another number format is kept", async () => {
  const dtype: TensorDtype = "BF16";
  expect(await headOf((embedding) => ({ ...embedding, dtype }))).toBe("lm_head.weight");
});
