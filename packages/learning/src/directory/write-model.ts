import { randomBytes } from "node:crypto";
import {
  copyFile,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { AdaedlError, invalidField } from "@adaedl/core";
import {
  type DecoderSpec,
  openWeights,
  planWeights,
  readDecoderSpec,
  type WeightStore,
} from "@adaedl/model";
import { growPlan } from "../growth/grow-model.ts";
import { type Growth, growConfig } from "../growth/grow-spec.ts";
import { type ModelPlan, sourceOf } from "../growth/grow-weights.ts";
import type { Tensors } from "../optimizer/adam.ts";
import { type StoredType, storedBytes } from "./round-weights.ts";
import { type StoredTensor, writeSafetensors } from "./write-safetensors.ts";

const weightFile = "model.safetensors";
const cardFile = "README.md";
/** Files that belong to any weights of the model: configuration, tokenizer, chat template, licence. */
const copied = /^(LICENSE.*|.*\.(json|jinja|txt|model))$/;

/** What a new model directory is made of. */
export interface NewModel {
  /** A model directory: all but its weights and its card is copied. */
  readonly source: string;
  /** By Hugging Face's names; each is written in the number format that it has in the source. */
  readonly weights: Tensors;
  /** What the weights were made larger by. */
  readonly growth?: Growth | undefined;
  /** Markdown that says what was done. */
  readonly card: string;
}

/**
 * Writes a Hugging Face model directory, which appears whole or not at all.
 * @param directory it must not exist
 * @throws AdaedlError `failed_precondition` where it exists; `invalid_argument` for a weight that the source lacks, or that
 *   is no finite number in the source's format
 */
export async function writeModel(
  directory: string,
  { source, weights, growth, card }: NewModel,
  signal?: AbortSignal,
): Promise<void> {
  await requireNewDirectory(directory);
  const whole = resolve(directory);
  await mkdir(dirname(whole), { recursive: true });
  const temporary = `${whole}.writing-${randomBytes(6).toString("hex")}`;
  const store = await openWeights(source);
  try {
    await mkdir(temporary);
    for (const name of await readdir(source)) {
      const isCopied = copied.test(name) && !name.endsWith(".index.json");
      if (isCopied && (await stat(join(source, name))).isFile())
        await copyFile(join(source, name), join(temporary, name));
    }
    await writeFile(join(temporary, cardFile), card);
    const plan = growth && (await writeGrownConfig(temporary, growth, store));
    const tensors = storedTensors(weights, store, plan);
    await writeSafetensors(join(temporary, weightFile), tensors, signal);
    await rename(temporary, whole);
  } finally {
    await store.close();
    await rm(temporary, { recursive: true, force: true });
  }
}

/** @throws AdaedlError `failed_precondition` where there is something of that name */
export async function requireNewDirectory(directory: string): Promise<void> {
  const isThere = await lstat(directory).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return false;
      throw error;
    },
  );
  if (isThere)
    throw new AdaedlError("failed_precondition", `${directory} must not exist`, {
      field: directory,
    });
}

interface GrownPlan extends ModelPlan {
  readonly source: DecoderSpec;
}

async function writeGrownConfig(
  directory: string,
  growth: Growth,
  { entries }: WeightStore,
): Promise<GrownPlan> {
  const source = await readDecoderSpec(directory);
  const grown = growPlan({ spec: source, plan: planWeights(source, entries) }, growth);
  const file = join(directory, "config.json");
  const config = growConfig(JSON.parse(await readFile(file, "utf8")), grown.spec);
  await writeFile(file, `${JSON.stringify(config, null, 2)}\n`);
  return { source, ...grown };
}

/** Each weight in the format that it has in the source. */
function storedTensors(
  weights: Tensors,
  { entries }: WeightStore,
  grown: GrownPlan | undefined,
): ReadonlyMap<string, StoredTensor> {
  return new Map(
    [...weights].map(([name, values]) => {
      const entry = entries.get(grown === undefined ? name : sourceOf(name, grown.source));
      if (entry === undefined || !(entry.type in storedBytes))
        throw invalidField(
          name,
          entry?.type,
          "must be a tensor of the source, in F32, F16 or BF16",
        );
      const shape = grown?.plan.get(name) ?? entry.shape;
      return [name, { values, shape, type: entry.type as StoredType }];
    }),
  );
}
