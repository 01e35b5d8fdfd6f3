/** HTML that may stand in a page as it is. */
export class Markup {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  toString(): string {
    return this.source;
  }
}

type Content = Markup | string | number | undefined | readonly Content[];

/**
 * HTML from a template. What is put in is escaped (policy names come from a command line), also within
 * quoted attributes, unless it is `Markup` itself; lists are joined, undefined is nothing.
 */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return new Markup(
    parts.reduce((before, part, index) => before + show(contents[index - 1]) + part),
  );
}

function show(content: Content): string {
  if (content === undefined) return "";
  if (content instanceof Markup) return content.source;
  if (typeof content === "object") return content.map(show).join("");
  return String(content).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
