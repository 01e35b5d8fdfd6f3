import {
  invalidField,
  maxOfferedNodes,
  maxSuccessors,
  maxTopLogprobs,
  type Offer,
} from "@adaedl/core";
import type {
  Offer as WireOffer,
  Offer__Output as WireOfferOutput,
} from "../gen/adaedl/v2/Offer.ts";
import type { Open as WireOpen, Open__Output as WireOpenOutput } from "../gen/adaedl/v2/Open.ts";
import type {
  VerifyRequest as WireRequest,
  VerifyRequest__Output as WireRequestOutput,
} from "../gen/adaedl/v2/VerifyRequest.ts";
import {
  decodeSampling,
  decodeSeed,
  decodeVerificationRule,
  encodeSampling,
  encodeVerificationRule,
} from "../wire-fields.ts";
import { decodeDistributions, encodeDistributions } from "./distributions-codec.ts";
import { maxEndTokenIds, numericsForm, numericsRule } from "./limits.ts";
import type { Open, VerifyRequest } from "./messages.ts";

export function encodeVerifyRequest(message: VerifyRequest): WireRequest {
  switch (message.type) {
    case "open":
      return { open: encodeOpen(message) };
    case "offer":
      return { offer: encodeOffer(message.offer) };
    case "cancel":
      return { cancel: {} };
  }
}

function encodeOpen({ type: _, verification, sampling, ...fields }: Open): WireOpen {
  return {
    ...fields,
    promptTokenIds: [...fields.promptTokenIds],
    committedTokenIds: [...fields.committedTokenIds],
    endTokenIds: [...fields.endTokenIds],
    sampling: encodeSampling(sampling),
    verificationRule: encodeVerificationRule(verification),
  };
}

function encodeOffer({ base, firstId, nodes, credit }: Offer): WireOffer {
  const distributions = nodes.map(({ distribution }) => distribution);
  const isDrawn = distributions.some((distribution) => distribution !== undefined);
  return {
    ...(base === undefined ? {} : { base: { length: base.length, hash: base.hash.toString() } }),
    firstId,
    parentOffsets: nodes.map(({ parent }, index) => (parent === 0 ? 0 : firstId + index - parent)),
    tokenIds: nodes.map(({ tokenId }) => tokenId),
    chances: Buffer.from(nodes.map(({ chance }) => encodeChance(chance))),
    ...(isDrawn ? { distributions: encodeDistributions(distributions) } : {}),
    credit,
  };
}

/**
 * Checks what can be checked without the model and the stream: forms, lengths of lists, sums.
 * @throws AdaedlError `invalid_argument` naming the field as verification.proto does
 */
export function decodeVerifyRequest(wire: WireRequestOutput): VerifyRequest {
  if (wire.open) return decodeOpen(wire.open);
  if (wire.offer) return { type: "offer", offer: decodeOffer(wire.offer) };
  if (wire.cancel) return { type: "cancel" };
  throw invalidField("message", undefined, "must be open, offer or cancel");
}

function decodeOpen(wire: WireOpenOutput): Open {
  const { sessionId, numTopLogprobs, numSuccessors, endTokenIds, numerics } = wire;
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(sessionId))
    throw invalidField("session_id", sessionId, "must be 1 to 64 letters, digits, - and _");
  if (numTopLogprobs > maxTopLogprobs)
    throw invalidField("num_top_logprobs", numTopLogprobs, `must be 0 to ${maxTopLogprobs}`);
  if (numSuccessors > maxSuccessors)
    throw invalidField("num_successors", numSuccessors, `must be 0 to ${maxSuccessors}`);
  if (endTokenIds.length > maxEndTokenIds)
    throw invalidField("end_token_ids", endTokenIds.length, `must be at most ${maxEndTokenIds}`);
  if (!numericsForm.test(numerics)) throw invalidField("numerics", numerics, numericsRule);
  return {
    type: "open",
    sessionId,
    protocolVersion: wire.protocolVersion ?? { major: 0, minor: 0 },
    vocabulary: wire.vocabulary ?? { size: 0, digest: "", tokenizerDigest: "" },
    promptTokenIds: wire.promptTokenIds,
    committedTokenIds: wire.committedTokenIds,
    sampling: decodeSampling(wire.sampling),
    seed: decodeSeed(wire.seed),
    verification: decodeVerificationRule(wire.verificationRule),
    maxTokens: wire.maxTokens,
    endTokenIds,
    credit: wire.credit,
    wantsLogprobs: wire.wantsLogprobs,
    numTopLogprobs,
    modelId: wire.modelId,
    edgeDraftsOnly: wire.edgeDraftsOnly,
    weights: wire.weights,
    numerics,
    numSuccessors,
  };
}

function decodeOffer(wire: WireOfferOutput): Offer {
  const { base, firstId, parentOffsets, tokenIds, chances, distributions, credit } = wire;
  const numNodes = parentOffsets.length;
  if (firstId < 1) throw invalidField("offer.first_id", firstId, "must be 1 or more");
  if (numNodes > maxOfferedNodes)
    throw invalidField("offer.parent_offsets", numNodes, `must be at most ${maxOfferedNodes}`);
  for (const [name, list] of Object.entries({ token_ids: tokenIds, chances }))
    if (list.length !== numNodes)
      throw invalidField(
        `offer.${name}`,
        list.length,
        `must be as many as there are parent_offsets (${numNodes})`,
      );
  const drawn = distributions ? decodeDistributions(distributions, tokenIds) : undefined;
  const nodes = tokenIds.map((tokenId, index) => {
    const distribution = drawn?.[index];
    return {
      parent: decodeParent(parentOffsets, firstId, index),
      tokenId,
      chance: decodeChance(chances[index] as number),
      ...(distribution === undefined ? {} : { distribution }),
    };
  });
  if (!base) return { firstId, nodes, credit };
  return { base: { length: base.length, hash: BigInt(base.hash) }, firstId, nodes, credit };
}

function decodeParent(offsets: readonly number[], firstId: number, index: number): number {
  const offset = offsets[index] as number;
  const id = firstId + index;
  if (offset >= id)
    throw invalidField(`offer.parent_offsets[${index}]`, offset, `must be 0 to ${id - 1}`);
  return offset === 0 ? 0 : id - offset;
}

/** Steps of a factor e. Neighbouring bytes are 3 % apart, and 256 of them reach down to 0.00035. */
const stepsPerNat = 32;

/** The byte of a chance above 0 and at most 1: the more likely, the smaller. */
export function encodeChance(chance: number): number {
  return Math.min(255, Math.round(Math.log(1 / chance) * stepsPerNat));
}

/** Above 0 and at most 1, whatever the byte. */
export function decodeChance(byte: number): number {
  return Math.exp(-byte / stepsPerNat);
}
