import { join } from "node:path";
import { AdaedlError } from "@adaedl/core";
import { buildOnce } from "../cache/build-once.ts";
import { asCacheError, cacheDirectory } from "../cache/cache-directory.ts";
import { loadTokenizer } from "./load-tokenizer.ts";
import type { ModelTokenizer } from "./model-tokenizer.ts";
import { maxTokenizerBytes, unpackTokenizer } from "./tokenizer-bundle.ts";

/** Tokenizers that stay in the cache beside a new one: those that were used last. */
const maxKept = 7;

/**
 * Loads a tokenizer by its digest: from the cache, or from a bundle that is fetched and kept there.
 * Whatever the bundle holds, the tokenizer returned has this digest.
 * @param digest `digests.all` of the tokenizer
 * @param fetchBundle called when the cache does not hold it; see `packTokenizer`
 * @param given the folder of the cache; default: the user's
 * @throws AdaedlError `failed_precondition` for a bundle of another tokenizer, `invalid_argument` for a
 *   digest or bundle that is malformed, what `fetchBundle` throws
 */
export async function loadCachedTokenizer(
  digest: string,
  fetchBundle: () => Promise<Uint8Array>,
  given?: string,
): Promise<ModelTokenizer> {
  // It becomes the name of a folder.
  if (!/^[0-9a-f]{64}$/.test(digest))
    throw new AdaedlError(
      "invalid_argument",
      `the tokenizer digest must be 64 hexadecimal digits, got ${JSON.stringify(digest.slice(0, 80))}`,
      { field: "tokenizerDigest" },
    );
  const cache = given ?? (await cacheDirectory());
  const folder = join(cache, "tokenizers", digest);
  const loaded: { tokenizer?: ModelTokenizer } = {};
  const load = async (from: string) => {
    const tokenizer = await loadTokenizer(from);
    const { all } = tokenizer.digests;
    if (all !== digest)
      throw new AdaedlError(
        "failed_precondition",
        `the tokenizer files have digest ${all}, not the announced ${digest}`,
        { field: "tokenizerDigest", value: all },
      );
    loaded.tokenizer = tokenizer;
  };
  const fetchAndLoad = async (temporary: string) => {
    await unpackTokenizer(await fetchBundle(), temporary);
    await load(temporary);
  };
  await buildOnce(folder, fetchAndLoad, {
    problemOf: (found) =>
      load(found).then(
        () => undefined,
        (error: Error) => error.message,
      ),
    isStale: ({ rank }) => rank >= maxKept,
  }).catch((error) => {
    throw asCacheError(error, cache, maxTokenizerBytes);
  });
  return { ...(loaded.tokenizer as ModelTokenizer), directory: folder };
}
