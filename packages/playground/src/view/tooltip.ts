import { element } from "./elements.ts";
import { quoted, threeDigits } from "./numbers.ts";
import { meaningOf, tokenFacts } from "./token-element.ts";

/** Says what is known of the token under the pointer, the focus or the finger. */
export interface Tooltip {
  show(token: Element): void;
  hide(): void;
}

/** Room between token, tooltip and the window's edges, in pixels. */
const gapPx = 8;

/** A tooltip in `box`, for the tokens of all `outputs`. */
export function createTooltip(box: HTMLElement, outputs: readonly HTMLElement[]): Tooltip {
  function show(token: Element): void {
    const facts = tokenFacts(token);
    if (facts === undefined) return;
    const { text, origin, entropy, commitNumber, id } = facts;
    const entropyText =
      entropy === null ? "not seen by the draft model" : `entropy ${threeDigits(entropy)} nats`;
    box.dataset.origin = origin;
    box.replaceChildren(
      element("b", "tooltip-token", quoted(text)),
      element("span", "tooltip-origin", meaningOf(facts)),
      element("span", "tooltip-facts", `${entropyText} · commit ${commitNumber} · id ${id}`),
    );
    box.hidden = false;
    place(token);
  }

  /** Above the token where there is room, else below it, and within the window. */
  function place(token: Element): void {
    // A token that wraps has several boxes; the first is where it begins.
    const at = token.getClientRects()[0] ?? token.getBoundingClientRect();
    const { width, height } = box.getBoundingClientRect();
    const above = at.top - height - gapPx;
    const rightmost = document.documentElement.clientWidth - width - gapPx;
    const left = Math.max(gapPx, Math.min(at.left + at.width / 2 - width / 2, rightmost));
    box.style.left = `${left}px`;
    box.style.top = `${above >= gapPx ? above : at.bottom + gapPx}px`;
  }

  function hide(): void {
    box.hidden = true;
  }

  function showFor(event: Event): void {
    const token = event.target instanceof Element ? event.target.closest(".token") : null;
    if (token === null) hide();
    else show(token);
  }

  for (const output of outputs) {
    for (const type of ["pointerover", "focusin", "click"]) output.addEventListener(type, showFor);
    for (const type of ["pointerleave", "focusout"])
      output.addEventListener(type, (event) => {
        // A finger that is lifted leaves as well, but wants to read what it tapped.
        if (!(event instanceof PointerEvent && event.pointerType === "touch")) hide();
      });
  }
  // The box stands still while the page moves under it.
  addEventListener("scroll", hide, { passive: true, capture: true });
  document.addEventListener("pointerdown", (event) => {
    if (!(event.target instanceof Element && event.target.closest(".token"))) hide();
  });
  return { show, hide };
}
