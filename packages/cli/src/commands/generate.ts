import { strategyOf } from "@adaedl/core";
import type { Command } from "commander";
import { asRequest, printLine } from "../fail.ts";
import { collectGeneration } from "../generation.ts";
import { readCorpus } from "../input/corpus.ts";
import { encodePrompt, readPrompt, wirePrompt } from "../input/prompt.ts";
import { remoteRequestOf, requestOf } from "../input/request.ts";
import { chooseModels } from "../models.ts";
import { generateRemotely } from "../remote/generate-remotely.ts";
import { tlsOf } from "../settings/shared-settings.ts";
import { addGenerateOptions, type GenerateOptions } from "./generate-options.ts";

/** Adds `adaedl generate`. */
export function addGenerateCommand(program: Command, watch: () => AbortSignal): void {
  const command = program.command("generate").description("continue a prompt");
  addGenerateOptions(command).action((options: GenerateOptions) =>
    options.server === undefined
      ? generateHere(options, watch())
      : generateAt(options.server, options, watch()),
  );
}

/** With models of this machine. */
async function generateHere(options: GenerateOptions, signal: AbortSignal): Promise<void> {
  const models = chooseModels(options);
  const { directory } = models.target;
  const prompt = await readPrompt(options, signal);
  const corpus = await readCorpus(options, options.target === undefined ? options.pair : undefined);
  const { defaultDrafters, openSpeculator, parseGenerationRequest, readTargetFacts } = await import(
    "@adaedl/engine"
  );
  // Everything is checked before a large model is opened (and perhaps converted first); meanwhile threads start.
  const checking = readTargetFacts(directory).then((facts) =>
    asRequest(async () => {
      const request = requestOf(options, await encodePrompt(prompt, facts.tokenizer, options));
      return { facts, request, effective: parseGenerationRequest(request, facts) };
    }),
  );
  const facts = checking.then(({ facts }) => facts);
  const opening = openSpeculator({ ...models, facts, corpus }, signal);
  for (const awaitedBelow of [facts, opening]) awaitedBelow.catch(() => {});
  const { createGenerationOutput } = await import("../output/generation-output.ts");
  const { request, effective } = await checking.catch(async (error) => {
    await opening.catch(() => {});
    throw error;
  });
  const drafters = models.drafters ?? defaultDrafters(models.draft !== undefined);
  const drafts = strategyOf(effective.policy, effective.maxDraft, drafters) !== undefined;
  const policy = drafts ? effective.policy.spec : "none";
  const { temperature } = effective.sampling;
  if (!drafts && options.policy !== undefined && options.policy !== "none")
    printLine(`without a draft model --policy ${options.policy} has nothing to do`);

  await using speculator = await opening;
  const output = createGenerationOutput(options);
  output.begin({
    ...request,
    policy,
    temperature,
    weights: speculator.targetWeights,
    draftWeights: speculator.draftWeights,
    promptText: speculator.facts.tokenizer.decode(request.promptTokenIds),
  });
  const generation = await collectGeneration(
    speculator.generate(request, signal),
    output.token,
  ).finally(output.end);
  output.finish(generation);
}

/** With the models of a draft service. */
async function generateAt(
  address: string,
  options: GenerateOptions,
  signal: AbortSignal,
): Promise<void> {
  const prompt = await readPrompt(options, signal);
  const { openGenerationClient } = await import("@adaedl/protocol");
  const { createGenerationOutput } = await import("../output/generation-output.ts");
  const { token, tokenFile } = options;
  const client = openGenerationClient({ address, tls: tlsOf(options), token, tokenFile });
  const output = createGenerationOutput(options);
  try {
    const request = {
      ...remoteRequestOf(options),
      prompt: wirePrompt(prompt, options),
      wantsPrompt: output.showsPrompt,
    };
    const { generation } = await asRequest(() =>
      generateRemotely(client, request, signal, output.begin, output.token).finally(output.end),
    );
    output.finish(generation);
  } finally {
    client.close();
  }
}
