import type { DraftToken } from "../api/wire.ts";
import type { Piece } from "../run/run-state.ts";
import type { ToldOrigin } from "../run/totals.ts";
import { quoted, threeDigits } from "./numbers.ts";

/** What the tooltip says of a token. */
export interface TokenFacts {
  readonly origin: ToldOrigin | "rejected";
  readonly drafters?: readonly string[];
  readonly text: string;
  readonly id: number;
  readonly entropy: number | null;
  readonly commitNumber: number;
}

/** In words, for those who do not know the terms. */
const originMeanings: Readonly<Record<TokenFacts["origin"], string>> = {
  accepted: "accepted: proposed by the draft model, and what the target chose",
  "table-draft": "table draft: found in earlier text at the edge, and what the target chose",
  "verifier-draft":
    "verifier draft: found in earlier text by the verifier, and what the target chose",
  recovered: "recovered: the target’s own, in place of a rejected token",
  bonus: "bonus: the target’s own, after a draft accepted whole",
  autoregressive: "autoregressive: decoded by the target alone, no draft token stood there",
  rejected: "rejected: proposed by the draft model, not in the text",
};

/** What the origin means, and what had drafted the token where that is more than the origin says. */
export function meaningOf({ origin, drafters = [] }: TokenFacts): string {
  const meaning = originMeanings[origin];
  return drafters.some((name) => name !== "model")
    ? `${meaning} (${drafters.join(" and ")})`
    : meaning;
}

// Kept beside the elements, so that thousands of tokens need no attributes of their own.
const factsOf = new WeakMap<Element, TokenFacts>();

/** The facts of an element that this file made. */
export function tokenFacts(element: Element): TokenFacts | undefined {
  return factsOf.get(element);
}

/** A token in one line, for who hears it. */
export function spokenToken({ text, origin, entropy, commitNumber }: TokenFacts): string {
  const entropyPart = entropy === null ? "" : `, entropy ${threeDigits(entropy)} nats`;
  return `${quoted(text)}, ${origin}${entropyPart}, commit ${commitNumber}`;
}

/** A piece of the text. */
export function pieceElement({ text, token }: Piece): HTMLElement {
  if (token !== null) return tokenElement(text, token);
  const made = document.createElement("span");
  made.textContent = text;
  return made;
}

/** The rejected draft tokens of a commit, as one element. */
export function rejectedElement(
  draftTokens: readonly DraftToken[],
  commitNumber: number,
): HTMLElement {
  const made = document.createElement("span");
  made.className = "rejected-tokens";
  made.append(
    ...draftTokens.map((token) =>
      // A line end that never came must not break the line.
      tokenElement(token.text.replaceAll("\n", "↵"), {
        ...token,
        origin: "rejected",
        commitNumber,
      }),
    ),
  );
  return made;
}

function tokenElement(text: string, facts: TokenFacts): HTMLElement {
  const made = document.createElement("span");
  made.className = "token";
  made.dataset.origin = facts.origin;
  made.textContent = text;
  made.tabIndex = -1;
  // A line end alone would have no width to point at.
  if (text.startsWith("\n")) made.dataset.startsLine = "";
  factsOf.set(made, facts);
  return made;
}
