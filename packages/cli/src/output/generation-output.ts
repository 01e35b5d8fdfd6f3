import type { CommittedToken } from "@adaedl/core";
import type { Generation } from "../generation.ts";
import { colorsFor } from "./colors.ts";
import { type GenerationContext, generationJson } from "./generation-json.ts";
import { renderGeneration } from "./generation-table.ts";
import { createTextWriter, originLegend, type TextWriter } from "./text-writer.ts";

/** What is known when a generation begins. */
export interface GenerationBegin extends GenerationContext {
  readonly promptText: string;
  /** Precision of the target's weights, and of the draft model's; of models here. */
  readonly weights?: string | undefined;
  readonly draftWeights?: string | undefined;
}

/** Shows a generation on stdout (its numbers on stderr), or prints it as one JSON object. */
export interface GenerationOutput {
  /** Whether it needs the prompt, as token ids or text. */
  readonly showsPrompt: boolean;
  begin(context: GenerationBegin): void;
  token(token: CommittedToken): void;
  /** Ends the last line of the text, if there is one. */
  end(): void;
  finish(generation: Generation): void;
}

export function createGenerationOutput(options: {
  readonly json?: boolean;
  readonly chat?: boolean;
  /** As it was typed. */
  readonly policy?: string;
}): GenerationOutput {
  let context: GenerationBegin | undefined;
  let writer: TextWriter | undefined;
  const showsText = process.stdout.isTTY && options.chat !== true;
  return {
    showsPrompt: options.json === true || showsText,
    begin(begun) {
      context = begun;
      if (options.json) return;
      writer = createTextWriter(process.stdout, begun.policy !== "none");
      if (showsText) writer.prompt(begun.promptText);
    },
    token: (token) => writer?.token(token),
    end: () => writer?.end(),
    finish(generation) {
      if (context === undefined) return;
      if (options.json)
        process.stdout.write(`${JSON.stringify(generationJson(generation, context))}\n`);
      else showNumbers(generation, context, options.policy);
    },
  };
}

function showNumbers(
  generation: Generation,
  context: Omit<GenerationBegin, "promptText">,
  typedPolicy: string | undefined,
): void {
  const { policy, verification, temperature, seed, weights, draftWeights } = context;
  const textColors = colorsFor(process.stdout);
  if (policy !== "none" && textColors.isColorSupported)
    process.stdout.write(`${originLegend(textColors)}\n`);
  const settings = [
    ["none", "verifier"].includes(policy) ? policy : (typedPolicy ?? policy.replace(/:.*/, "")), // the default: its name will do
    verification,
    ...(weights === undefined ? [] : [`weights ${weights}`]),
    ...(draftWeights === undefined ? [] : [`draft weights ${draftWeights}`]),
    `temperature ${temperature}`,
    `seed ${seed}`,
    `finish reason ${generation.finishReason}`,
  ];
  const colors = colorsFor(process.stderr);
  const numbers = renderGeneration(generation, colors);
  process.stderr.write(`\n${numbers}\n${colors.dim(settings.join(" · "))}\n`);
}
