import { join } from "node:path";
import { expect, test } from "vitest";
import { failureOf, writeFiles } from "../temporary-directory.cases.ts";
import { readGenerationDefaults } from "./generation-config.ts";

const read = (files: object) => readGenerationDefaults(writeFiles({ ...files }));
const readOne = (generation: unknown) => read({ "generation_config.json": generation });

test("a directory that says nothing suggests nothing", async () => {
  expect(await read({})).toEqual({ eosTokenIds: [], sampling: {} });
  expect(await readOne({})).toEqual({ eosTokenIds: [], sampling: {} });
});

test("end tokens: one, several, none", async () => {
  expect((await readOne({ eos_token_id: 2 })).eosTokenIds).toEqual([2]);
  expect((await readOne({ eos_token_id: [2, 7] })).eosTokenIds).toEqual([2, 7]);
  expect((await readOne({ eos_token_id: [] })).eosTokenIds).toEqual([]);
  expect((await readOne({ eos_token_id: null })).eosTokenIds).toEqual([]);
  expect((await readOne({ eos_token_id: 0 })).eosTokenIds).toEqual([0]);
});

test("end tokens of config.json count where generation_config.json has none", async () => {
  const config = { "config.json": { eos_token_id: [5, 6] } };
  expect((await read(config)).eosTokenIds).toEqual([5, 6]);
  const silent = { ...config, "generation_config.json": { temperature: 1 } };
  expect((await read(silent)).eosTokenIds).toEqual([5, 6]);
  const speaking = { ...config, "generation_config.json": { eos_token_id: 2 } };
  expect((await read(speaking)).eosTokenIds).toEqual([2]);
});

test("sampling has what the file names and no more", async () => {
  const all = { temperature: 0.6, top_k: 20, top_p: 0.95, min_p: 0.05, repetition_penalty: 1.1 };
  expect((await readOne({ ...all, do_sample: true, max_length: 20 })).sampling).toEqual({
    temperature: 0.6,
    topK: 20,
    topP: 0.95,
    minP: 0.05,
    repetitionPenalty: 1.1,
  });
  expect((await readOne({ top_p: 0.9, top_k: null })).sampling).toEqual({ topP: 0.9 });
});

test("a model that is not to be sampled gets temperature 0 and nothing else", async () => {
  const { sampling } = await readOne({ do_sample: false, temperature: 0.6, top_p: 0.9 });
  expect(sampling).toEqual({ temperature: 0 });
});

test("a penalty counts without sampling too", async () => {
  const { sampling } = await readOne({ do_sample: false, top_k: 5, repetition_penalty: 1.3 });
  expect(sampling).toEqual({ temperature: 0, repetitionPenalty: 1.3 });
});

test.each([-1, 0])("top_k %d keeps all tokens", async (top_k) => {
  expect((await readOne({ top_k })).sampling).toEqual({ topK: 0 });
});

test("a tiny temperature counts as the least there is", async () => {
  expect((await readOne({ temperature: 1e-6 })).sampling).toEqual({ temperature: 0.001 });
});

test("fields that change no token pass", async () => {
  const fields = [
    { max_new_tokens: 2048, max_length: 4096, num_return_sequences: 2, use_cache: true },
    { num_beams: 1, typical_p: 1.0, no_repeat_ngram_size: 0, suppress_tokens: null },
    { bad_words_ids: [], forced_eos_token_id: null, token_healing: false },
    { bos_token_id: 1, pad_token_id: 0, transformers_version: "4.51.3", _from_model_config: true },
    {
      num_assistant_tokens: 20,
      assistant_confidence_threshold: 0.4,
      cache_implementation: "hybrid",
    },
  ];
  for (const each of fields) expect((await readOne(each)).sampling).toEqual({});
});

test.each([
  [{ no_repeat_ngram_size: 3 }, "no_repeat_ngram_size 3 is not supported (supported: 0)"],
  [{ num_beams: 4 }, "num_beams 4 is not supported (supported: 1)"],
  [{ typical_p: 0.9 }, "typical_p 0.9 is not supported (supported: 1)"],
  [{ guidance_scale: 1.5 }, "guidance_scale 1.5 is not supported (supported: 1)"],
  [{ suppress_tokens: [1, 2] }, "suppress_tokens [1,2] is not supported (supported: absent)"],
  [{ forced_bos_token_id: 5 }, "forced_bos_token_id 5 is not supported (supported: absent)"],
  [{ stop_strings: ["\n"] }, 'stop_strings ["\\n"] is not supported (supported: absent)'],
  [
    { dry_multiplier: 0.8 },
    "dry_multiplier 0.8 is not a known field: remove it if the model computes the same without it",
  ],
])("%j would change the text and is refused", async (fields, problem) => {
  const directory = writeFiles({ "generation_config.json": fields });
  expect(await failureOf(readGenerationDefaults(directory))).toEqual({
    code: "unimplemented",
    message: `${join(directory, "generation_config.json")}: ${problem}`,
    field: Object.keys(fields)[0],
  });
});

test.each([
  { top_k: -2 },
  { top_k: 1.5 },
  { top_p: 1.2 },
  { min_p: -1 },
  { repetition_penalty: 0 },
])("%j is refused with the file, before any request", async (fields) => {
  const directory = writeFiles({ "generation_config.json": fields });
  const [[field, value]] = Object.entries(fields) as [[string, number]];
  const file = join(directory, "generation_config.json");
  expect(await failureOf(readGenerationDefaults(directory))).toEqual({
    code: "invalid_argument",
    message: expect.stringMatching(`^${file}: ${field} must be .*, got ${value}$`),
    field,
  });
});

test.each([
  [
    "generation_config.json",
    { temperature: "hot" },
    "temperature: Invalid input: expected number, received string",
    "temperature",
  ],
  [
    "generation_config.json",
    { do_sample: 1 },
    "do_sample: Invalid input: expected boolean, received number",
    "do_sample",
  ],
  ["generation_config.json", { eos_token_id: "2" }, "eos_token_id: Invalid input", "eos_token_id"],
  ["config.json", { eos_token_id: 2.5 }, "eos_token_id: Invalid input", "eos_token_id"],
])("%s %j is refused", async (name, content, rule, field) => {
  const directory = writeFiles({ [name]: content });
  expect(await failureOf(readGenerationDefaults(directory))).toEqual({
    code: "invalid_argument",
    message: `${join(directory, name)}: ${rule}`,
    field,
  });
});
