import {
  type DraftEndReason,
  invalidField,
  type SamplingParams,
  type VerificationRuleName,
} from "@adaedl/core";
import type { EndReason } from "./gen/adaedl/v1/EndReason.ts";
import type { Sampling, Sampling__Output as SamplingOutput } from "./gen/adaedl/v1/Sampling.ts";
import type { VerificationRule } from "./gen/adaedl/v1/VerificationRule.ts";

const samplingFields = [
  "temperature",
  "topK",
  "topP",
  "minP",
  "repetitionPenalty",
  "presencePenalty",
  "frequencyPenalty",
] as const;

/** Of one request. */
export const maxLogitBiases = 1024;

/** Only what is there; ranges are checked where the target is known. */
export function decodeSampling(wire: SamplingOutput | null | undefined): Partial<SamplingParams> {
  if (!wire) return {};
  const named = samplingFields.filter((name) => wire[name] !== undefined);
  const numbers = Object.fromEntries(named.map((name) => [name, wire[name]]));
  const biases = Object.entries(wire.logitBias ?? {});
  if (biases.length > maxLogitBiases)
    throw invalidField("logit_bias", `${biases.length} entries`, `takes at most ${maxLogitBiases}`);
  if (biases.length === 0) return numbers;
  return { ...numbers, logitBias: new Map(biases.map(([id, bias]) => [Number(id), bias])) };
}

export function encodeSampling(sampling: Partial<SamplingParams>): Sampling {
  const { logitBias, ...numbers } = sampling;
  if (logitBias === undefined || logitBias.size === 0) return numbers;
  return { ...numbers, logitBias: Object.fromEntries(logitBias) };
}

const wireRules: Readonly<Record<VerificationRuleName, VerificationRule>> = {
  "shared-noise": "VERIFICATION_RULE_SHARED_NOISE",
  rejection: "VERIFICATION_RULE_REJECTION",
};

export function encodeVerificationRule(name: VerificationRuleName): VerificationRule {
  return wireRules[name];
}

export function decodeVerificationRule(wire: VerificationRule | number): VerificationRuleName {
  if (wire === "VERIFICATION_RULE_UNSPECIFIED") return "shared-noise";
  const name = nameOf(wireRules, wire);
  if (name === undefined)
    throw invalidField("verification_rule", wire, "must be one of the rules in sampling.proto");
  return name;
}

const wireReasons: Readonly<Record<DraftEndReason, EndReason>> = {
  policy: "END_REASON_POLICY",
  limit: "END_REASON_LIMIT",
  drafter: "END_REASON_DRAFTER",
};

export function encodeEndReason(reason: DraftEndReason): EndReason {
  return wireReasons[reason];
}

/** Undefined for none, and for one of a newer version, which changes nothing about the round. */
export function decodeEndReason(wire: EndReason | number): DraftEndReason | undefined {
  return nameOf(wireReasons, wire);
}

/** Our name of an enum's value; undefined for one that is not in the table, as a newer version's. */
export function nameOf<Name extends string>(
  table: Readonly<Record<Name, string | number>>,
  wire: string | number,
): Name | undefined {
  return (Object.keys(table) as Name[]).find((name) => table[name] === wire);
}

/** A whole number from a 64-bit field, which the library hands over as text. */
export function decodeSeed(text: string | number | undefined): number {
  const seed = Number(text);
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw invalidField("seed", text, "must be a whole number from 0 to 2^53 - 1");
  return seed;
}
