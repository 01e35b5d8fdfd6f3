import { exampleModelDirectory } from "./model-directory.ts";

/** The names of the built-in pairs. */
export const examplePairNames = ["storyteller", "coder"] as const;

/** The name of one built-in pair of target and draft. */
export type ExamplePairName = (typeof examplePairNames)[number];

/**
 * The two models of a built-in pair. They share one tokenizer, byte for byte.
 *
 * @returns The absolute paths of the target's folder and the draft's folder.
 */
export function examplePair(name: ExamplePairName): { target: string; draft: string } {
  return {
    target: exampleModelDirectory(`${name}-target`),
    draft: exampleModelDirectory(`${name}-draft`),
  };
}
