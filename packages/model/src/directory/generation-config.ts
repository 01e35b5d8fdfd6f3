import { join } from "node:path";
import { AdaedlError, parseSamplingParams, type SamplingParams } from "@adaedl/core";
import * as z from "zod/mini";
import { checkFields } from "./field-table.ts";
import { generationFields } from "./generation-fields.ts";
import { parseDocument, readJsonIfPresent } from "./read-json.ts";

const tokenIds = z.nullish(z.union([z.int(), z.array(z.int())]));
const generationSchema = z.object({
  eos_token_id: tokenIds,
  do_sample: z.nullish(z.boolean()),
  temperature: z.nullish(z.number()),
  top_k: z.nullish(z.number()),
  top_p: z.nullish(z.number()),
  min_p: z.nullish(z.number()),
  repetition_penalty: z.nullish(z.number()),
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
 * does for its defaults. Every field is used, known to be harmless, or refused.
 * @throws AdaedlError `invalid_argument` for a bad value, `unimplemented` for a way of sampling that
 *   this project does not have; the message names file, field and rule
 */
export async function readGenerationDefaults(directory: string): Promise<GenerationDefaults> {
  const file = join(directory, "generation_config.json");
  const json = await readJsonIfPresent(file);
  const generation = json === undefined ? undefined : parseDocument(file, json, generationSchema);
  if (generation !== undefined)
    checkFields(json as Record<string, unknown>, generationFields, file);
  const configFile = join(directory, "config.json");
  const configJson = await readJsonIfPresent(configFile);
  const config =
    configJson === undefined ? undefined : parseDocument(configFile, configJson, configEosSchema);
  const eos = generation?.eos_token_id ?? config?.eos_token_id;
  return {
    eosTokenIds: eos == null ? [] : [eos].flat(),
    sampling: generation === undefined ? {} : samplingOf(generation, file),
  };
}

type Generation = z.infer<typeof generationSchema>;

/** The names of sampling parameters in the file. */
const samplingFields = {
  temperature: "temperature",
  topK: "top_k",
  topP: "top_p",
  minP: "min_p",
  repetitionPenalty: "repetition_penalty",
} as const satisfies Partial<Record<keyof SamplingParams, keyof Generation>>;

function samplingOf(generation: Generation, file: string): Partial<SamplingParams> {
  const isGreedy = generation.do_sample === false;
  const sampling: { -readonly [name in keyof typeof samplingFields]?: number } = isGreedy
    ? { temperature: 0 }
    : {};
  for (const name of Object.keys(samplingFields) as (keyof typeof samplingFields)[]) {
    const field = samplingFields[name];
    const given = generation[field];
    // Without sampling the truncations have nothing to do, but a penalty still changes the text.
    if (given == null || (isGreedy && field !== "repetition_penalty")) continue;
    sampling[name] = checked({ [name]: given }, field, file)[name];
  }
  return sampling;
}

/** Checked here, not in each request, where the file that the value is from is not known. */
function checked(param: Partial<SamplingParams>, field: string, file: string): SamplingParams {
  try {
    return parseSamplingParams(param, 0);
  } catch (error) {
    const { code, message, value } = AdaedlError.from(error);
    const rule = message.slice(message.indexOf(" ") + 1); // without the parameter's own name
    throw new AdaedlError(code, `${file}: ${field} ${rule}`, { field, value, cause: error });
  }
}
