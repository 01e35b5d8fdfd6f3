import { openSpeculator, parseGenerationRequest, readTargetFacts } from "@adaedl/engine";
import type { Command } from "commander";
import { asRequest, printLine } from "../fail.ts";
import { runGeneration } from "../generation.ts";
import { encodePrompt, readPrompt } from "../input/prompt.ts";
import { requestOf } from "../input/request.ts";
import { chooseModels } from "../models.ts";
import { colorsFor } from "../output/colors.ts";
import { generationJson } from "../output/generation-json.ts";
import { renderGeneration } from "../output/generation-table.ts";
import { createTextWriter, originLegend } from "../output/text-writer.ts";
import { addGenerateOptions, type GenerateOptions } from "./generate-options.ts";

/** Adds `adaedl generate`. */
export function addGenerateCommand(program: Command, signal: AbortSignal): void {
  const command = program.command("generate").description("continue a prompt");
  addGenerateOptions(command).action((options: GenerateOptions) => generate(options, signal));
}

async function generate(options: GenerateOptions, signal: AbortSignal): Promise<void> {
  const models = chooseModels(options);
  const { directory } = models.target;
  const prompt = await readPrompt(options, signal);
  const facts = await readTargetFacts(directory);
  const { tokenizer } = facts;
  // Everything is checked here, before a large model is opened (and perhaps converted first).
  const { request, effective } = await asRequest(() => {
    const request = requestOf(options, encodePrompt(prompt, tokenizer, options, directory));
    return { request, effective: parseGenerationRequest(request, facts) };
  });
  const hasDraft = models.draft !== undefined;
  const longestDraft = Math.min(effective.maxDraft, effective.policy.maxDraftLength);
  const drafts = hasDraft && longestDraft > 0;
  const policy = drafts ? effective.policy.spec : "none";
  const { temperature } = effective.sampling;
  if (!hasDraft && options.policy !== undefined && options.policy !== "none")
    printLine(`without a draft model --policy ${options.policy} has nothing to do`);

  await using speculator = await openSpeculator({ ...models, facts }, signal);
  if (options.json) {
    const generation = await runGeneration(speculator, request, signal);
    const json = generationJson(generation, { ...request, temperature, policy });
    process.stdout.write(`${JSON.stringify(json)}\n`);
    return;
  }
  const writer = createTextWriter(process.stdout, drafts);
  if (process.stdout.isTTY && !options.chat)
    writer.prompt(tokenizer.decode(request.promptTokenIds));
  const generation = await runGeneration(speculator, request, signal, writer.token).finally(
    writer.end,
  );

  const textColors = colorsFor(process.stdout);
  if (drafts && textColors.isColorSupported) process.stdout.write(`${originLegend(textColors)}\n`);
  const settings = [
    drafts ? request.policy : "none",
    request.verification,
    `temperature ${temperature}`,
    `seed ${request.seed}`,
    `finish reason ${generation.finished.finishReason}`,
  ];
  const colors = colorsFor(process.stderr);
  const numbers = renderGeneration(generation, colors);
  process.stderr.write(`\n${numbers}\n${colors.dim(settings.join(" · "))}\n`);
}
