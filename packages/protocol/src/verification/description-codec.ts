import { AdaedlError } from "@adaedl/core";
import type {
  VerifierDescription as WireDescription,
  VerifierDescription__Output as WireDescriptionOutput,
} from "../gen/adaedl/v2/VerifierDescription.ts";
import { decodeSampling, encodeSampling } from "../wire-fields.ts";
import type { VerifierDescription } from "./messages.ts";

export function encodeDescription(description: VerifierDescription): WireDescription {
  return {
    ...description,
    eosTokenIds: [...description.eosTokenIds],
    defaultSampling: encodeSampling(description.defaultSampling),
  };
}

/** @throws AdaedlError `failed_precondition` when parts are missing that every version has */
export function decodeDescription(wire: WireDescriptionOutput): VerifierDescription {
  const { protocolVersion, vocabulary, limits } = wire;
  if (!protocolVersion || !vocabulary || !limits)
    throw new AdaedlError(
      "failed_precondition",
      "the verifier's description lacks its protocol version, vocabulary or limits",
      { field: "describe" },
    );
  return {
    ...wire,
    protocolVersion,
    vocabulary,
    limits,
    defaultSampling: decodeSampling(wire.defaultSampling),
  };
}
