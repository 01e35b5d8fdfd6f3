import type {
  RoundReport as WireRound,
  RoundReport__Output as WireRoundOutput,
} from "../gen/adaedl/v1/RoundReport.ts";
import { decodeEndReason, encodeEndReason } from "../wire-fields.ts";
import type { GenerationRound } from "./messages.ts";
import { copyOf } from "./token-codec.ts";

export function encodeRound(event: GenerationRound): WireRound {
  const { type: _, guesses, endReason, ...round } = event;
  const reason = endReason === undefined ? {} : { endReason: encodeEndReason(endReason) };
  return { ...round, ...reason, guesses: [...guesses] };
}

export function decodeRound(wire: WireRoundOutput): GenerationRound {
  const { number, guesses, numAccepted, entropyThreshold } = wire;
  const { draftMs, waitMs, queueMs, verifyMs } = wire;
  const endReason = decodeEndReason(wire.endReason);
  return {
    type: "round",
    number,
    guesses: guesses.map(({ bytes, ...guess }) => ({ ...guess, bytes: copyOf(bytes) })),
    numAccepted,
    ...(endReason === undefined ? {} : { endReason }),
    ...(entropyThreshold === undefined ? {} : { entropyThreshold }),
    draftMs,
    waitMs,
    queueMs,
    verifyMs,
  };
}
