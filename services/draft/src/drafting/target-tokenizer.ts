import { AdaedlError, type ErrorCode } from "@adaedl/core";
import {
  firstDifference,
  loadCachedTokenizer,
  type ModelTokenizer,
  mapVocabulary,
  type VocabularyMap,
} from "@adaedl/model";
import {
  protocolVersion,
  type VerificationClient,
  type VerifierDescription,
} from "@adaedl/protocol";
import type { Logger } from "@adaedl/telemetry";

/** How texts become token ids and back, and what these are to the draft model. */
export interface TargetTokenizer {
  readonly tokenizer: ModelTokenizer;
  /** Undefined without a draft model. */
  readonly vocabulary?: VocabularyMap | undefined;
}

const passing: readonly ErrorCode[] = ["unavailable", "deadline_exceeded", "cancelled"];
/** Enough for the largest tokenizer on a slow line. */
const fetchTimeoutMs = 300_000;

/**
 * Provides the target's tokenizer. Where none at hand is the target's, its files are fetched from the
 * verifier, once: they are kept in the cache.
 * @param own the draft model's; undefined without one
 * @throws AdaedlError `failed_precondition` when the verifier speaks another protocol or its files cannot
 *   be used, `unavailable` when it is worth trying again
 */
export async function provideTargetTokenizer(
  own: ModelTokenizer | undefined,
  description: VerifierDescription,
  verifier: Pick<VerificationClient, "getTokenizer">,
  logger: Logger,
  options: {
    /** Another one at hand. */
    readonly named?: ModelTokenizer | undefined;
    readonly cacheDirectory?: string | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<TargetTokenizer> {
  const { modelId, vocabulary, tokenizerParts, numTokenIds } = description;
  const { major } = description.protocolVersion;
  if (major !== protocolVersion.major)
    throw new AdaedlError(
      "failed_precondition",
      `the protocol version of target ${modelId} must be ${protocolVersion.major}, got ${major}`,
      { field: "protocolVersion", value: major },
    );
  const { tokenizerDigest } = vocabulary;
  let tokenizer = [own, options.named].find((one) => one?.digests.all === tokenizerDigest);
  if (tokenizer === undefined) {
    const nearest = (own ?? options.named)?.digests.parts;
    const difference = nearest && (firstDifference(tokenizerParts, nearest) ?? "digest");
    logger.info({ target: modelId, difference }, "texts are encoded with the target's tokenizer");
    const fetchBundle = () =>
      verifier.getTokenizer(tokenizerDigest, fetchTimeoutMs, options.signal);
    try {
      tokenizer = await loadCachedTokenizer(tokenizerDigest, fetchBundle, options.cacheDirectory);
    } catch (thrown) {
      const cause = AdaedlError.from(thrown);
      if (passing.includes(cause.code)) throw cause;
      throw new AdaedlError(
        "failed_precondition",
        own === undefined
          ? `the tokenizer of target ${modelId} cannot be used: ${cause.message}`
          : `target ${modelId} has another tokenizer than the draft model (its ${difference} differs), which cannot be used: ${cause.message}`,
        { field: "tokenizer", cause },
      );
    }
  }
  if (own === undefined) return { tokenizer };
  const map = mapVocabulary(tokenizer, own, numTokenIds);
  if (!map.isSame)
    logger.warn(
      { target: modelId, commonShare: map.commonShare },
      "the draft model has another vocabulary: its tokens are mapped to the target's",
    );
  return { tokenizer, vocabulary: map };
}
