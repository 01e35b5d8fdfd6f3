import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadTokenizer } from "@adaedl/model";
import { createTinyTokenizer } from "@adaedl/testing";
import { afterAll, expect, test, vi } from "vitest";
import { createPromptTokenizer } from "./prompt-tokenizer.ts";

const directory = mkdtempSync(join(tmpdir(), "adaedl-slow-tokenizer-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** A pattern that tracks back without end where a text has no z, and a template where somebody asks it to. */
const pattern = { Regex: "(?:xy|yx|x|y)+!?z" };
const chatTemplate =
  "{% for m in messages %}{{ m.content }}{% if m.content == 'loop' %}{% for i in range(9) %}" +
  "{% for j in range(99999) %}{% endfor %}{% endfor %}{% endif %}{% endfor %}";
const slowText = "xy".repeat(40);
const bounds = { maxTokens: 1_000 };
/** More than any honest text here takes, however busy the machine is. */
const maxHoldMs = 500;

async function load() {
  const { tokenizerJson, tokenizerConfig } = createTinyTokenizer("byte-level");
  const preTokenizer = { type: "Split", pattern, behavior: "Isolated", invert: false };
  const slow = { ...tokenizerJson, pre_tokenizer: preTokenizer };
  writeFileSync(join(directory, "tokenizer.json"), JSON.stringify(slow));
  writeFileSync(join(directory, "tokenizer_config.json"), JSON.stringify(tokenizerConfig));
  writeFileSync(join(directory, "chat_template.jinja"), chatTemplate);
  return loadTokenizer(directory);
}

/** Lets other work of this thread have its turns meanwhile. @returns how many it had */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let numTurns = 0;
  const turns = setInterval(() => numTurns++, 1);
  await work.finally(() => clearInterval(turns));
  return numTurns;
}

test("what is slow once is encoded in a thread from then on, and the event loop goes on", async () => {
  const tokenizer = await load();
  const warn = vi.fn();
  const prompts = createPromptTokenizer(tokenizer, { warn }, maxHoldMs);
  expect(await prompts.encode("once", bounds)).toEqual(tokenizer.encode("once"));
  expect(warn).not.toHaveBeenCalled();
  for (const _ of ["meets it", "knows it"]) {
    const refused = expect(prompts.encode(slowText, bounds)).rejects.toMatchObject({
      ...{ code: "invalid_argument", field: "text" },
      message: "the text cannot be divided into words: takes more than 1000 ms",
    });
    expect(await turnsDuring(refused)).toBeGreaterThan(20);
  }
  expect(warn).toHaveBeenCalledTimes(1);

  const inHere = vi.spyOn(tokenizer, "encodeInTurns");
  for (const addSpecialTokens of [true, false])
    expect(await prompts.encode("once", { ...bounds, addSpecialTokens })).toEqual(
      tokenizer.encode("once", { addSpecialTokens }),
    );
  expect(await prompts.writeChat([{ role: "user", content: "once" }])).toBe("once");
  const aborted = prompts.encode("once", bounds, AbortSignal.abort());
  await expect(aborted).rejects.toMatchObject({ code: "cancelled" });
  expect(inHere).not.toHaveBeenCalled();
  await prompts.close();
  await expect(prompts.encode("once", bounds)).rejects.toMatchObject({ code: "unavailable" });
});

test("a template that is slow is run in the thread as well", async () => {
  const warn = vi.fn();
  const prompts = createPromptTokenizer(await load(), { warn }, 20);
  const written = prompts.writeChat([{ role: "user", content: "loop" }]);
  const refused = expect(written).rejects.toMatchObject({
    ...{ code: "invalid_argument", field: "messages" },
    message: "chat template: takes more than 100000 steps",
  });
  expect(await turnsDuring(refused)).toBeGreaterThan(20);
  expect(warn).toHaveBeenCalledTimes(1);
  await prompts.close();
});

test("where the files are others by now, the prompt fails, and the next one asks again", async () => {
  const tokenizer = await load();
  const prompts = createPromptTokenizer(tokenizer, { warn: vi.fn() }, maxHoldMs);
  writeFileSync(join(directory, "chat_template.jinja"), "another");
  await expect(prompts.encode(slowText, bounds)).rejects.toMatchObject({
    code: "unavailable",
    message: `prompts cannot be encoded: the tokenizer of ${directory} has changed`,
  });
  expect(await prompts.encode("once", bounds)).toEqual(tokenizer.encode("once"));
  await prompts.close();
});
