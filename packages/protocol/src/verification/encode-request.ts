import type { Offer } from "@adaedl/core";
import type { Offer as WireOffer } from "../gen/adaedl/v2/Offer.ts";
import type { Open as WireOpen } from "../gen/adaedl/v2/Open.ts";
import type { VerifyRequest as WireRequest } from "../gen/adaedl/v2/VerifyRequest.ts";
import { encodeSampling, encodeVerificationRule } from "../wire-fields.ts";
import { encodeChance } from "./chance.ts";
import { encodeDistributions } from "./distributions-codec.ts";
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
