import { join } from "node:path";
import { AdaedlError, type SamplingParams } from "@adaedl/core";
import { z } from "zod";
import { readJsonIfPresent } from "./read-json.ts";

const tokenIds = z.union([z.number().int(), z.array(z.number().int())]).nullish();
const generationSchema = z.object({
  eos_token_id: tokenIds,
  do_sample: z.boolean().nullish(),
  temperature: z.number().nullish(),
  top_k: z.number().nullish(),
  top_p: z.number().nullish(),
  min_p: z.number().nullish(),
  repetition_penalty: z.number().nullish(),
});
const configEosSchema = z.object({ eos_token_id: tokenIds });

/** What the makers of a model suggest for generating with it. */
export interface GenerationDefaults {
  readonly eosTokenIds: readonly number[];
  /** Only the parameters they name; temperature 0 where they say not to sample. */
  readonly sampling: Partial<SamplingParams>;
}

/**
 * Reads `generation_config.json` (and the end token of `config.json` where it has none), as vLLM
 * does for its defaults.
 */
export async function readGenerationDefaults(directory: string): Promise<GenerationDefaults> {
  const generation = await parse(join(directory, "generation_config.json"), generationSchema);
  const config = await parse(join(directory, "config.json"), configEosSchema);
  const eos = generation?.eos_token_id ?? config?.eos_token_id;
  return {
    eosTokenIds: eos == null ? [] : [eos].flat(),
    sampling: generation === undefined ? {} : samplingOf(generation),
  };
}

function samplingOf(config: z.infer<typeof generationSchema>): Partial<SamplingParams> {
  if (config.do_sample === false) return { temperature: 0 };
  const { temperature, top_k, top_p, min_p, repetition_penalty } = config;
  return {
    ...(temperature == null ? {} : { temperature }),
    ...(top_k == null ? {} : { topK: top_k }),
    ...(top_p == null ? {} : { topP: top_p }),
    ...(min_p == null ? {} : { minP: min_p }),
    ...(repetition_penalty == null ? {} : { repetitionPenalty: repetition_penalty }),
  };
}

async function parse<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const json = await readJsonIfPresent(file);
  if (json === undefined) return undefined;
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join(".") ?? "";
  throw new AdaedlError("invalid_argument", `${file}: ${field}: ${issue?.message}`, { field });
}
