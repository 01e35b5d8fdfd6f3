import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTinyTokenizer, type TinyTokenizerKind } from "@adaedl/testing";
import { inject } from "vitest";

export const tokenizerKinds = ["byte-level", "byte-fallback"] as const;

/** A JSON document that tests take apart. */
// biome-ignore lint/suspicious/noExplicitAny: tests reach into documents of any shape
export type Json = Record<string, any>;

export interface TokenizerDocuments {
  readonly tokenizerJson: Json;
  readonly tokenizerConfig: Json;
}

/** The documents of a tiny tokenizer, free to be changed. */
export function tinyDocuments(kind: TinyTokenizerKind): TokenizerDocuments {
  const { tokenizerJson, tokenizerConfig } = createTinyTokenizer(kind);
  return structuredClone({ tokenizerJson, tokenizerConfig });
}

/** Writes files into a new directory; what is not a string becomes JSON. */
export async function writeDirectory(files: Record<string, unknown>): Promise<string> {
  const directory = await mkdtemp(join(inject("temporaryFolder"), "tokenizer-"));
  for (const [name, content] of Object.entries(files))
    await writeFile(
      join(directory, name),
      typeof content === "string" ? content : JSON.stringify(content),
    );
  return directory;
}

/** Writes the two documents of a tokenizer, with more files if given. */
export function writeTokenizer(
  { tokenizerJson, tokenizerConfig }: TokenizerDocuments,
  more: Record<string, unknown> = {},
): Promise<string> {
  return writeDirectory({
    "tokenizer.json": tokenizerJson,
    "tokenizer_config.json": tokenizerConfig,
    ...more,
  });
}
