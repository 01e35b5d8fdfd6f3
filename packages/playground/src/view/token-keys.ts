import { spokenToken, tokenFacts } from "./token-element.ts";

/**
 * Makes the tokens of `output` one stop of the Tab key, from which the arrow keys go on: left and
 * right by a token, up and down by a commit, Home and End to either end.
 */
export function enableTokenKeys(output: HTMLElement): void {
  /** The token that Tab leads to. */
  let current: HTMLElement | undefined;

  function makeCurrent(token: HTMLElement): void {
    if (current !== token) {
      current?.removeAttribute("role");
      current?.removeAttribute("aria-label");
      if (current !== undefined) current.tabIndex = -1;
    }
    current = token;
    token.tabIndex = 0;
    const facts = tokenFacts(token);
    if (facts === undefined) return;
    // Only here: the other tokens are read as the text that they are.
    token.setAttribute("role", "button");
    token.setAttribute("aria-label", spokenToken(facts));
  }

  output.addEventListener("focusin", ({ target }) => {
    if (target instanceof HTMLElement && target.matches(".token")) makeCurrent(target);
  });
  output.addEventListener("keydown", (event) => {
    const tokens = [...output.querySelectorAll<HTMLElement>(".token")].filter(isSeen);
    const at =
      document.activeElement instanceof HTMLElement ? tokens.indexOf(document.activeElement) : -1;
    const to = at < 0 ? undefined : tokens[destination(event.key, at, tokens)];
    if (to === undefined) return;
    event.preventDefault();
    to.focus();
  });
  // The first token makes the text reachable; a new run begins anew.
  new MutationObserver(() => {
    if (current?.isConnected) return;
    const first = output.querySelector<HTMLElement>(".token");
    current = undefined;
    if (first !== null) makeCurrent(first);
  }).observe(output, { childList: true });
}

/** What the browser gives no box cannot have the focus. */
function isSeen(token: HTMLElement): boolean {
  return token.getClientRects().length > 0;
}

/** The index that a key leads to from `at`; -1 for keys that lead nowhere. */
function destination(key: string, at: number, tokens: readonly HTMLElement[]): number {
  const last = tokens.length - 1;
  const commitOf = (index: number) => commitNumber(tokens[index]);
  switch (key) {
    case "ArrowRight":
      return Math.min(at + 1, last);
    case "ArrowLeft":
      return Math.max(at - 1, 0);
    case "Home":
      return 0;
    case "End":
      return last;
    case "ArrowDown": {
      const next = tokens.findIndex((_, index) => index > at && commitOf(index) !== commitOf(at));
      return next < 0 ? last : next;
    }
    case "ArrowUp": {
      const before = tokens.findLastIndex(
        (_, index) => index < at && commitOf(index) !== commitOf(at),
      );
      return before < 0 ? 0 : tokens.findIndex((_, index) => commitOf(index) === commitOf(before));
    }
    default:
      return -1;
  }
}

function commitNumber(token: HTMLElement | undefined): number | undefined {
  return token === undefined ? undefined : tokenFacts(token)?.commitNumber;
}
