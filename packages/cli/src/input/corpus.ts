import { createReadStream } from "node:fs";
import { text } from "node:stream/consumers";
import type { DrafterKind } from "@adaedl/core";
import { type ExamplePairName, examplePrompts } from "@adaedl/example-models";
import { UsageError } from "../fail.ts";

/** Bytes of a corpus that are read: about as many pairs of tokens as are counted. */
const maxBytes = 256 << 10;

/**
 * The text that the table of `aded` begins with.
 * @param pair whose prompts it is where no file is named; undefined with models of somebody else
 * @throws UsageError when it cannot be read, or no table begins with it
 */
export async function readCorpus(
  {
    corpus: file,
    drafter,
  }: { readonly corpus?: string; readonly drafter?: readonly DrafterKind[] },
  pair: ExamplePairName | undefined,
): Promise<string | undefined> {
  if (!drafter?.includes("aded")) {
    if (file !== undefined) throw new UsageError("--corpus needs aded among what --drafter names");
    return undefined;
  }
  if (file === undefined) return pair && examplePrompts(pair).join("\n");
  try {
    return await text(createReadStream(file, { end: maxBytes - 1 })); // pipes, too
  } catch (cause) {
    const reason = (cause as Error).message.split(",")[0]; // what follows repeats the path
    throw new UsageError(`corpus ${JSON.stringify(file)} cannot be read: ${reason}`, { cause });
  }
}
