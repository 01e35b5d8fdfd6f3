import type { RunState } from "../run/run-state.ts";
import { oncePerFrame } from "./frame.ts";
import { pieceElement, rejectedElement } from "./token-element.ts";

/** How long rejected draft tokens are seen, in milliseconds; the stylesheet fades them out within it. */
const rejectedMs = 800;

/** The text of a run, token by token. */
export interface TextView {
  /** Shows `state` at the next frame. */
  show(state: RunState): void;
  /** Whether rejected draft tokens stay in the text. */
  keepRejected(isKept: boolean): void;
}

/** Shows runs in `output`: only what is new is added, in one go per frame. */
export function createTextView(output: HTMLElement): TextView {
  let state: RunState | undefined;
  let shown: RunState | undefined;
  let numShown = 0;
  let isKept = false;
  let lastPassing: HTMLElement | undefined;

  function draw(): void {
    if (state === undefined) return;
    const isAnotherRun = shown?.startedMs !== state.startedMs;
    if (isAnotherRun || numShown > state.pieces.length) clear();
    const fresh = document.createDocumentFragment();
    const passing: HTMLElement[] = [];
    for (const piece of state.pieces.slice(numShown)) {
      if (piece.token !== null && piece.rejected.length > 0) {
        const rejected = rejectedElement(piece.rejected, piece.token.commitNumber);
        if (!isKept) passing.push(rejected);
        fresh.append(rejected);
      }
      fresh.append(pieceElement(piece));
    }
    numShown = state.pieces.length;
    shown = state;
    output.append(fresh);
    pass(passing);
  }

  function clear(): void {
    output.replaceChildren();
    numShown = 0;
  }

  /** Lifts rejected draft tokens off the line, where they take no room, and soon removes them. */
  function pass(elements: readonly HTMLElement[]): void {
    if (elements.length === 0) return;
    for (const element of elements) element.classList.add("passing");
    for (const element of elements) {
      keepWithin(output, element);
      if (lastPassing !== undefined && overlap(lastPassing, element)) lastPassing.remove();
      lastPassing = element;
    }
    setTimeout(() => {
      for (const element of elements) element.remove();
    }, rejectedMs);
  }

  /** Once more from the start: with rejected draft tokens everywhere, or nowhere. */
  function redraw(): void {
    clear();
    draw();
    for (const element of output.querySelectorAll(".passing")) element.remove();
  }

  const drawSoon = oncePerFrame(draw);
  return {
    show(next) {
      state = next;
      drawSoon();
    },
    keepRejected(next) {
      isKept = next;
      redraw();
    },
  };
}

/** Whether rejected draft tokens reach over the ones after them, so that neither could be read. */
function overlap(former: HTMLElement, latter: HTMLElement): boolean {
  const end = former.lastElementChild?.getBoundingClientRect();
  const start = latter.firstElementChild?.getBoundingClientRect();
  return (
    end !== undefined && start !== undefined && end.top === start.top && end.right > start.left
  );
}

/** Moves rejected draft tokens at the end of a line so far to the left that all of them are seen. */
function keepWithin(output: HTMLElement, rejected: HTMLElement): void {
  const end = output.parentElement?.getBoundingClientRect().right ?? 0;
  const tooFar = (rejected.lastElementChild?.getBoundingClientRect().right ?? 0) - end;
  if (tooFar > 0) rejected.style.translate = `${-Math.ceil(tooFar)}px`;
}
