import type { CommittedToken, TokenOrigin } from "@adaedl/core";
import { type Colors, colorsFor } from "./colors.ts";

/** Shows a text while it comes about. */
export interface TextWriter {
  prompt(text: string): void;
  token(token: CommittedToken): void;
  /** Ends the last line, if there is one. */
  end(): void;
}

/**
 * A writer for the stream. On a terminal colours tell prompt and output apart, and where the
 * output's tokens come from; a file or a pipe gets the bare text.
 * @param hasOrigins false when nothing is drafted: then there is nothing to tell apart
 */
export function createTextWriter(stream: NodeJS.WriteStream, hasOrigins: boolean): TextWriter {
  const colors = colorsFor(stream);
  const paint = originColors(colors);
  let isLineOpen = false;
  const write = (text: string, painted: (text: string) => string) => {
    if (text === "") return;
    stream.write(painted(stream.isTTY ? visible(text) : text));
    isLineOpen = true;
  };
  return {
    prompt: (text) => write(text, colors.dim),
    token: ({ text, origin }) => write(text, hasOrigins ? paint[origin] : String),
    end() {
      if (isLineOpen) stream.write("\n");
    },
  };
}

/** What the colours mean, in one line. */
export function originLegend(colors: Colors): string {
  const paint = originColors(colors);
  return [
    `${paint.accepted("■")} accepted draft token`,
    `${paint["verifier-draft"]("■")} the verifier's own`,
    `${paint.recovered("■")} recovered (the target's token in place of a rejected one)`,
    `${paint.bonus("■")} bonus`,
    `${paint.autoregressive("■")} autoregressive (the target alone)`,
  ].join(colors.dim(" · "));
}

function originColors(colors: Colors): Readonly<Record<TokenOrigin, (text: string) => string>> {
  const { green: accepted, blue, yellow: recovered, cyan: bonus, magenta: autoregressive } = colors;
  return { accepted, "verifier-draft": blue, recovered, bonus, autoregressive };
}

/** A model may write anything; only line breaks and tabs may act on the terminal. */
function visible(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, "\u{fffd}");
}
