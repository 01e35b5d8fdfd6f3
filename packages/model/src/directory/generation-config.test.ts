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
