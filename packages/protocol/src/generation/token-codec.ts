import { drafterKinds, type TokenOrigin } from "@adaedl/core";
import type {
  Token as WireToken,
  Token__Output as WireTokenOutput,
} from "../gen/adaedl/v1/Token.ts";
import type { TokenOrigin as WireOrigin } from "../gen/adaedl/v1/TokenOrigin.ts";
import { nameOf } from "../wire-fields.ts";
import type { GeneratedToken } from "./messages.ts";

const wireOrigins: Readonly<Record<TokenOrigin, WireOrigin>> = {
  accepted: "TOKEN_ORIGIN_ACCEPTED",
  recovered: "TOKEN_ORIGIN_RECOVERED",
  bonus: "TOKEN_ORIGIN_BONUS",
  autoregressive: "TOKEN_ORIGIN_AUTOREGRESSIVE",
  "verifier-draft": "TOKEN_ORIGIN_VERIFIER_DRAFT",
};

export function encodeToken(event: GeneratedToken): WireToken {
  const { type: _, origin, drafters = [], topLogprobs = [], ...token } = event;
  const lists = { drafters: [...drafters], topLogprobs: [...topLogprobs] };
  return { ...token, ...lists, origin: wireOrigins[origin] };
}

/** No bytes, and no list of most probable tokens, is the same as none asked for. Drafters of a newer peer are left out. */
export function decodeToken(wire: WireTokenOutput): GeneratedToken {
  const { tokenId, text, origin, entropy, logprob, bytes, topLogprobs } = wire;
  const drafters = drafterKinds.filter((kind) => wire.drafters.includes(kind));
  const top = topLogprobs.map(({ bytes, ...rest }) => ({ ...rest, bytes: copyOf(bytes) }));
  return {
    type: "token",
    tokenId,
    text,
    origin: nameOf(wireOrigins, origin) ?? "bonus",
    ...(drafters.length === 0 ? {} : { drafters }),
    ...(entropy === undefined ? {} : { entropy }),
    ...(logprob === undefined ? {} : { logprob }),
    ...(bytes.length === 0 ? {} : { bytes: copyOf(bytes) }),
    ...(top.length === 0 ? {} : { topLogprobs: top }),
  };
}

/** What a reader may keep: the library's bytes are a window on the whole message. */
export function copyOf(bytes: Buffer): Uint8Array {
  return Uint8Array.from(bytes);
}
