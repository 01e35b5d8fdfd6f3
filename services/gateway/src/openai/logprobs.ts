import type { GeneratedToken, SpelledLogprob } from "@adaedl/protocol";

type Spelled = Pick<GeneratedToken, "bytes"> & { readonly logprob?: number };

/** Log-probabilities as chat answers have them: of each token, with its bytes. */
export function chatLogprobs(tokens: readonly GeneratedToken[]): object {
  const entry = ({ bytes, logprob }: Spelled) => ({
    token: textOf(bytes),
    logprob: logprob ?? null,
    bytes: [...(bytes ?? [])],
  });
  const content = tokens.map((token) => ({
    ...entry(token),
    top_logprobs: (token.topLogprobs ?? []).map(entry),
  }));
  return { content, refusal: null };
}

/** Log-probabilities as completions have them: a list for each thing there is to say. */
export function completionsLogprobs(tokens: readonly GeneratedToken[], textOffset: number): object {
  let offset = textOffset;
  const offsets = tokens.map(({ bytes }) => {
    const at = offset;
    offset += textOf(bytes).length;
    return at;
  });
  return {
    tokens: tokens.map(({ bytes }) => nameOf(bytes)),
    token_logprobs: tokens.map(({ logprob }) => logprob ?? null),
    top_logprobs: tokens.map(topOf),
    text_offset: offsets,
  };
}

/** The chosen token is among them, whether it is one of the most probable or not. */
function topOf({
  bytes,
  logprob,
  topLogprobs = [],
}: GeneratedToken): Record<string, number> | null {
  if (topLogprobs.length === 0) return null;
  const chosen: Pick<SpelledLogprob, "bytes" | "logprob"> = {
    bytes: bytes ?? new Uint8Array(),
    logprob: logprob ?? Number.NEGATIVE_INFINITY,
  };
  const entries = [...topLogprobs, chosen].map((one) => [nameOf(one.bytes), one.logprob] as const);
  return Object.fromEntries(entries);
}

const lossy = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A part of a character is U+FFFD. */
export function textOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "" : lossy.decode(bytes);
}

/** A part of a character is spelled out, as OpenAI does: two of them must not be one key. */
function nameOf(bytes: Uint8Array | undefined): string {
  if (bytes === undefined) return "";
  try {
    return strict.decode(bytes);
  } catch {
    return `bytes:${[...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}`;
  }
}
