import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { AdaedlError } from "@adaedl/core";
import * as z from "zod/mini";
import { hasModelFile } from "../directory/model-file.ts";
import { readTextIfPresent } from "../directory/read-json.ts";

/** Everything `loadTokenizer` reads; the first has to be there. */
const fileNames = ["tokenizer.json", "tokenizer_config.json", "chat_template.jinja"] as const;

/** Largest tokenizer that crosses a network, its files together; compressed it is smaller. */
export const maxTokenizerBytes = 64 << 20;

/** Longest first line of a bundle, in bytes. */
const maxHeaderBytes = 1_000;
// Byte lengths by file name, in the order in which the files follow.
const headerSchema = z.partialRecord(
  z.enum(fileNames),
  z.int().check(z.minimum(0), z.maximum(maxTokenizerBytes)),
);

/**
 * Whether two model directories have the same tokenizer files, to the last character.
 * @throws AdaedlError as `readTextIfPresent`
 */
export async function haveSameTokenizer(one: string, other: string): Promise<boolean> {
  for (const name of fileNames) {
    const [own, others] = await Promise.all(
      [one, other].map((directory) => readTextIfPresent(join(directory, name))),
    );
    if (own !== others) return false;
  }
  return true;
}

/**
 * Packs the tokenizer files of a model directory into one compressed piece: gzip of one line of JSON,
 * the length of each file by its name, and the files.
 * @throws AdaedlError `out_of_range` when they are larger than `maxTokenizerBytes`
 */
export async function packTokenizer(directory: string): Promise<Uint8Array> {
  const header: Record<string, number> = {};
  const contents: Buffer[] = [];
  let numBytes = 0;
  for (const name of fileNames) {
    const path = join(directory, name);
    if (!(await hasModelFile(directory, path))) continue; // a link could hand out what lies elsewhere
    numBytes += (await stat(path)).size;
    if (numBytes > maxTokenizerBytes) throw tooLarge(directory);
    const content = await readFile(path);
    header[name] = content.length;
    contents.push(content);
  }
  return promisify(gzip)(Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...contents]));
}

/**
 * Writes the files of a bundle into a folder. The bundle is untrusted: no other file than those of a
 * tokenizer is written, and no more bytes than a tokenizer may have.
 * @throws AdaedlError `invalid_argument` for a bundle that is malformed or too large
 */
export async function unpackTokenizer(bundle: Uint8Array, folder: string): Promise<void> {
  const maxOutputLength = maxTokenizerBytes + maxHeaderBytes;
  const bytes = await promisify(gunzip)(bundle, { maxOutputLength }).catch((cause: Error) => {
    throw malformed(cause.message, cause);
  });
  const headerEnd = bytes.subarray(0, maxHeaderBytes).indexOf("\n");
  let start = headerEnd + 1;
  for (const [name, length] of Object.entries(parseHeader(bytes.toString("utf8", 0, headerEnd)))) {
    const content = bytes.subarray(start, start + length);
    if (content.length < length) throw malformed(`${name} is cut off`);
    await writeFile(join(folder, name), content, { mode: 0o644 });
    start += length;
  }
}

function parseHeader(text: string): Readonly<Record<string, number>> {
  try {
    return headerSchema.parse(JSON.parse(text)) as Record<string, number>;
  } catch (cause) {
    throw malformed("it does not begin with a list of files", cause);
  }
}

function malformed(why: string, cause?: unknown): AdaedlError {
  return new AdaedlError("invalid_argument", `the tokenizer bundle cannot be read: ${why}`, {
    field: "tokenizer",
    cause,
  });
}

function tooLarge(directory: string): AdaedlError {
  return new AdaedlError(
    "out_of_range",
    `the tokenizer files of ${directory} must be at most ${maxTokenizerBytes} bytes together`,
    { field: "tokenizer" },
  );
}
