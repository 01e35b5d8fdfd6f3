import { rm } from "node:fs/promises";
import { join } from "node:path";
import { AdaedlError } from "@adaedl/core";
import { buildOnce } from "../cache/build-once.ts";
import { asCacheError, cacheDirectory } from "../cache/cache-directory.ts";
import { loadTokenizer } from "./load-tokenizer.ts";
import type { ModelTokenizer } from "./model-tokenizer.ts";
import { unpackTokenizer } from "./tokenizer-bundle.ts";

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
  const cached = await loadTokenizer(folder).catch(() => undefined);
  if (cached?.digests.all === digest) return cached;
  await rm(folder, { recursive: true, force: true }).catch((error) => {
    throw asCacheError(error, cache); // it is damaged
  });
  const bundle = await fetchBundle();
  let loaded: ModelTokenizer | undefined;
  await buildOnce(folder, async (temporary) => {
    await unpackTokenizer(bundle, temporary);
    loaded = await loadTokenizer(temporary);
    if (loaded.digests.all !== digest)
      throw new AdaedlError(
        "failed_precondition",
        `the tokenizer files have digest ${loaded.digests.all}, not the announced ${digest}`,
        { field: "tokenizerDigest", value: loaded.digests.all },
      );
  }).catch((error) => {
    throw asCacheError(error, cache);
  });
  return loaded ?? loadTokenizer(folder); // another process was faster
}
