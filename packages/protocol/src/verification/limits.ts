import { longestDraftLength } from "@adaedl/core";
import { maxMessageBytes } from "../limits.ts";

/** Version of the wire protocol; the same major understands each other. */
export const protocolVersion = { major: 2, minor: 0 };

/** Tokens that may end a text. */
export const maxEndTokenIds = 256;

/** Of a fingerprint of numerics. */
export const numericsForm = /^[0-9a-f]{0,64}$/;
export const numericsRule = "must be at most 64 hexadecimal digits";

/** Tokens in one commit: the longest draft accepted whole, and the target's own token. */
export const maxCommittedTokens = longestDraftLength + 1;

/** Of an Open, in bytes, besides its prompt: 1024 logit biases of 11 bytes, token ids that end the text, names. */
const otherOpenBytes = 32 << 10;

/**
 * Largest Open that a target has use for, in bytes: a text that fills its context. What is larger is refused
 * before it is decoded, which takes some 0.2 µs a byte.
 */
export function maxOpenBytes(target: {
  readonly contextLength: number;
  readonly numTokenIds: number;
}): number {
  const idBytes = Math.ceil(Math.log2(Math.max(2, target.numTokenIds)) / 7); // of a varint
  return Math.min(maxMessageBytes, target.contextLength * idBytes + otherOpenBytes);
}

/**
 * Largest message of a session after its Open, in bytes: four to five bytes for each of 256 nodes; or a round's 64
 * draft tokens with distributions of 256 tokens, some 9 bytes each. Whatever such a message is filled with
 * is decoded in some 50 ms.
 */
export const maxOfferBytes = 160 << 10;

/**
 * Largest message from a verifier, in bytes: four times the largest commit (every place with its most
 * probable tokens), so that no verifier can fill the memory of an edge.
 */
export const maxResponseBytes = 64 << 10;

/**
 * Bytes of offers that may wait to be sent. A verifier that takes nothing commits nothing,
 * and an edge offers at most 256 nodes beyond what is committed: only a broken one gets here.
 */
export const maxUnsentBytes = 1 << 20;
