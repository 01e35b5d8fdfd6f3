import type { ExamplePairName } from "./pair.ts";
import { coderPrompts } from "./prompts/coder.ts";
import { storytellerPrompts } from "./prompts/storyteller.ts";

const promptsOf: Readonly<Record<ExamplePairName, readonly string[]>> = {
  storyteller: storytellerPrompts,
  coder: coderPrompts,
};

/**
 * Openings for a built-in pair to continue, written for this project and so not in the text the
 * models were trained on.
 *
 * @returns Forty distinct ASCII texts in a fixed order, each at most 200 tokens long, which leaves
 * a continuation more than half of the models' 512 positions.
 */
export function examplePrompts(name: ExamplePairName): readonly string[] {
  return promptsOf[name];
}
