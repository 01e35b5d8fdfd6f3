import pc from "picocolors";

export type Colors = ReturnType<typeof pc.createColors>;

/** Colours for a stream: only on a terminal that can show them, and never against NO_COLOR. */
export function colorsFor(stream: NodeJS.WriteStream): Colors {
  // picocolors also counts CI=1 as a terminal, which would put codes into captured output.
  return pc.createColors(stream.isTTY === true && pc.isColorSupported);
}
