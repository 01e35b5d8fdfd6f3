import { randomInt } from "node:crypto";
import { type GenerationRequest, openSpeculator } from "@adaedl/engine";
import { loadTokenizer } from "@adaedl/model";
import type { Command } from "commander";
import { asRequest, printLine } from "../fail.ts";
import { runGeneration } from "../generation.ts";
import { checkRequest, readRequestLimits } from "../input/check-request.ts";
import { encodePrompt, readPrompt } from "../input/prompt.ts";
import { chooseModels } from "../models.ts";
import { colorsFor } from "../output/colors.ts";
import { generationJson } from "../output/generation-json.ts";
import { renderGeneration } from "../output/generation-table.ts";
import { createTextWriter, originLegend, silentWriter } from "../output/text-writer.ts";
import { addGenerateOptions, type GenerateOptions } from "./generate-options.ts";

/** Adds `adaedl generate`. */
export function addGenerateCommand(program: Command, signal: AbortSignal): void {
  const command = program.command("generate").description("continue a prompt");
  addGenerateOptions(command).action(async (options: GenerateOptions) => {
    await generate(options, command.getOptionValueSource("policy") === "cli", signal);
  });
}

async function generate(options: GenerateOptions, isPolicyNamed: boolean, signal: AbortSignal) {
  const models = chooseModels(options);
  const prompt = await readPrompt(options, signal);
  const { directory } = models.target;
  const limits = await readRequestLimits(directory);
  const encoder = await loadTokenizer(directory);
  const { request, effective } = await asRequest(() => {
    const request = requestOf(options, encodePrompt(prompt, encoder, options, directory));
    return { request, effective: checkRequest(request, limits) };
  });
  const isSpeculative = models.draft !== undefined && options.policy !== "none";
  if (models.draft === undefined && isPolicyNamed && options.policy !== "none")
    printLine(`there is no draft model, so --policy ${options.policy} has nothing to do`);

  await using speculator = await openSpeculator(models, signal);
  const writer = options.json ? silentWriter : createTextWriter(process.stdout, isSpeculative);
  writer.prompt(speculator.tokenizer.decode(request.promptTokenIds));
  const generation = await asRequest(() =>
    runGeneration(speculator, request, signal, writer.token),
  ).finally(writer.end);

  if (options.json) {
    const context = { ...request, ...effective };
    process.stdout.write(`${JSON.stringify(generationJson(generation, context))}\n`);
    return;
  }
  const textColors = colorsFor(process.stdout);
  if (isSpeculative && textColors.isColorSupported)
    process.stdout.write(`\n${originLegend(textColors)}\n`);
  const colors = colorsFor(process.stderr);
  const policy = isSpeculative ? options.policy : "none";
  const facts = [
    `policy ${policy}`,
    `${options.verification}`,
    `temperature ${effective.temperature}`,
    `seed ${request.seed}`,
    `ended by ${generation.finished.finishReason}`,
  ];
  process.stderr.write(
    `\n${renderGeneration(generation, colors)}\n${colors.dim(facts.join(" · "))}\n`,
  );
}

function requestOf(options: GenerateOptions, promptTokenIds: readonly number[]) {
  const { maxTokens, seed = randomInt(2 ** 32), stop, ignoreEos } = options;
  const { policy, maxDraft, verification } = options;
  const sampling = samplingOf(options);
  return {
    promptTokenIds,
    maxTokens,
    sampling,
    seed,
    stop,
    ignoreEos,
    policy,
    maxDraft,
    verification,
  } satisfies GenerationRequest;
}

const samplingOptions = [
  "temperature",
  "topK",
  "topP",
  "minP",
  "repetitionPenalty",
  "presencePenalty",
  "frequencyPenalty",
  "logitBias",
] as const;

/** Only what was named: the model's own defaults fill in the rest. */
function samplingOf(options: GenerateOptions): Partial<GenerateOptions> {
  const named = samplingOptions.filter((name) => options[name] !== undefined);
  return Object.fromEntries(named.map((name) => [name, options[name]]));
}
