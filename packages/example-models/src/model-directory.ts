import { fileURLToPath } from "node:url";

/** The names of the built-in models, each also the name of its folder below `models/`. */
export const exampleModelNames = [
  "storyteller-target",
  "storyteller-draft",
  "coder-target",
  "coder-draft",
] as const;

/** The name of one built-in model. */
export type ExampleModelName = (typeof exampleModelNames)[number];

/**
 * Where a built-in model lies on disk.
 *
 * @param name - Any string, for instance what a user wrote where a model is expected.
 * @returns The absolute path of the model's folder, or `undefined` when no built-in model has
 * exactly this name, so that a caller can go on and read `name` as a path.
 */
export function exampleModelDirectory(name: ExampleModelName): string;
export function exampleModelDirectory(name: string): string | undefined;
export function exampleModelDirectory(name: string): string | undefined {
  if (!exampleModelNames.some((known) => known === name)) return undefined;
  // One step up holds for src/ and for dist/ alike: models/ lies beside both.
  return fileURLToPath(new URL(`../models/${name}`, import.meta.url));
}
