import type { PairModels } from "@adaedl/bench";
import { examplePrompts } from "@adaedl/example-models";
import type { Command } from "commander";
import { asRequest, printLine, UsageError } from "../fail.ts";
import { readPrompt } from "../input/prompt.ts";
import { chooseModels } from "../models.ts";
import { colorsFor } from "../output/colors.ts";
import { type AdviseOptions, addAdviseOptions } from "./advise-options.ts";

/** Adds `adaedl advise`. */
export function addAdviseCommand(program: Command, watch: () => AbortSignal): void {
  const command = program
    .command("advise")
    .description("say what drafts would gain for a pair over a network, and from where on nothing");
  addAdviseOptions(command).action((options: AdviseOptions) => run(options, watch()));
}

async function run(options: AdviseOptions, signal: AbortSignal): Promise<void> {
  const models = modelsOf(options);
  const { target, draft } = models;
  const { numPrompts: numTexts, maxTokens: numTokens, temperature } = options;
  const prompts = await promptsOf(options, signal);
  const { advise, planTexts } = await import("@adaedl/bench");
  const facts = await readFacts(target, draft);
  // Everything is checked here, before a large model is opened (and perhaps converted first).
  const texts = await asRequest(() =>
    planTexts({ prompts, numTexts, numTokens, temperature }, facts),
  );
  const rttMs = await roundTripOf(options, signal);
  const known = { ...options.draftMs, ...options.verifyMs };
  const advice = await advise({ ...models, texts, temperature, rttMs, known }, signal);

  const { adviceJson, renderAdvice } = await import("../output/advice.ts");
  const pair = options.target === undefined ? options.pair : `${target} and ${draft}`;
  const question = { pair, rttMs, temperature, numTexts, numTokens };
  const output = options.json
    ? JSON.stringify(adviceJson(question, advice))
    : renderAdvice(question, advice, colorsFor(process.stdout));
  process.stdout.write(`${output}\n`);
}

function modelsOf(options: AdviseOptions): PairModels {
  if ((options.target === undefined) !== (options.draft === undefined))
    throw new UsageError("--target and --draft go together, and take the place of --pair");
  const { target, draft } = chooseModels(options);
  if (draft === undefined)
    throw new UsageError("--draft must be a model: without one nothing is drafted");
  return {
    ...{ target: target.directory, draft: draft.directory },
    ...{ weights: target.weights, draftWeights: draft.weights },
  };
}

/** A pair of the user's own continues stories where nothing is given. */
async function promptsOf(options: AdviseOptions, signal: AbortSignal): Promise<readonly string[]> {
  const { promptFile, pair } = options;
  if (promptFile === undefined) return examplePrompts(pair);
  return [String(await readPrompt({ promptFile }, signal))];
}

async function readFacts(target: string, draft: string) {
  const { readTargetFacts } = await import("@adaedl/engine");
  return { target: await readTargetFacts(target), draft: await readTargetFacts(draft) };
}

async function roundTripOf(options: AdviseOptions, signal: AbortSignal): Promise<number> {
  const { verifier: address, rttMs } = options;
  if (address === undefined) return rttMs;
  const { measureRoundTrip } = await import("../remote/measure-round-trip.ts");
  const tls = {
    caFile: options.verifierTlsCa,
    certFile: options.verifierTlsCert,
    keyFile: options.verifierTlsKey,
  };
  const { verifierToken: token, verifierTokenFile: tokenFile } = options;
  const measured = await measureRoundTrip({ address, tls, token, tokenFile }, signal);
  if (measured.emulatedForwardMs !== "")
    printLine(`the verifier emulates model time: ${measured.emulatedForwardMs} ms a forward`);
  return measured.rttMs;
}
