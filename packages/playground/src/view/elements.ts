/**
 * The element that index.html is known to hold.
 *
 * @throws Error when page and script do not belong together.
 */
export function elementById<T extends HTMLElement>(id: string, kind: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`The page has no #${id}.`);
  return element;
}

/** The elements with `data-NAME` below `root`, by its value. */
export function elementsByData(root: ParentNode, name: string): Map<string, HTMLElement> {
  const elements = root.querySelectorAll<HTMLElement>(`[data-${name}]`);
  return new Map(
    [...elements].map((element) => [element.getAttribute(`data-${name}`) ?? "", element]),
  );
}

/** A new element of a class, with a text. */
export function element(tag: string, className: string, text = ""): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/** Writes a text where it is not there yet. */
export function setText(target: HTMLElement | undefined, text: string): void {
  if (target !== undefined && target.textContent !== text) target.textContent = text;
}
