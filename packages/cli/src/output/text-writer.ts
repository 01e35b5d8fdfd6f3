import type { CommittedToken, TokenOrigin } from "@adaedl/core";
import { type Colors, colorsFor } from "./colors.ts";

/** Shows a text while it comes about. */
export interface TextWriter {
  prompt(text: string): void;
  token(token: CommittedToken): void;
  /** Ends the last line, whether the text is whole or not. */
  end(): void;
}

/** Nothing is shown while the text comes about. */
export const silentWriter: TextWriter = { prompt() {}, token() {}, end() {} };

/**
 * A writer for the stream: to a file or pipe goes the output text alone; on a terminal it follows
 * the prompt, and colours tell where its tokens come from.
 * @param hasOrigins false when nothing is drafted: then there is nothing to tell apart
 */
export function createTextWriter(stream: NodeJS.WriteStream, hasOrigins: boolean): TextWriter {
  if (!stream.isTTY)
    return { ...silentWriter, token: ({ text }) => stream.write(text), end: () => stream.write("\n") };
  const colors = colorsFor(stream);
  const paint = originColors(colors);
  return {
    prompt: (text) => stream.write(colors.dim(visible(text))),
    token({ text, origin }) {
      if (text !== "") stream.write(hasOrigins ? paint[origin](visible(text)) : visible(text));
    },
    end: () => stream.write("\n"),
  };
}

/** What the colours mean, in one line. */
export function originLegend(colors: Colors): string {
  const paint = originColors(colors);
  return [
    `${paint.accepted("■")} accepted guess`,
    `${paint.recovered("■")} recovered (the target's word after a refused guess)`,
    `${paint.bonus("■")} bonus`,
  ].join(colors.dim(" · "));
}

function originColors(colors: Colors): Readonly<Record<TokenOrigin, (text: string) => string>> {
  return { accepted: colors.green, recovered: colors.yellow, bonus: colors.cyan };
}

/** A model may write anything; only line breaks and tabs may act on the terminal. */
function visible(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, "\u{fffd}");
}
