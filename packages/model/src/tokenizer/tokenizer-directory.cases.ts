import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTinyTokenizer, type TinyTokenizerKind } from "@adaedl/testing";
import { afterAll } from "vitest";

const written: string[] = [];
afterAll(() => Promise.all(written.splice(0).map((path) => rm(path, { recursive: true }))));

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
  const directory = await mkdtemp(join(tmpdir(), "adaedl-tokenizer-"));
  written.push(directory);
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
