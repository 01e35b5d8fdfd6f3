import type { CommittedToken } from "@adaedl/core";
import { describe, expect, it } from "vitest";
import { createTextWriter } from "./text-writer.ts";

function capture(isTTY: boolean) {
  let written = "";
  const write = (text: string) => {
    written += text;
    return true;
  };
  const stream = { isTTY, write } as NodeJS.WriteStream;
  return { writer: createTextWriter(stream, true), written: () => written };
}

const token = (text: string): CommittedToken => ({
  type: "token",
  tokenId: 1,
  origin: "bonus",
  text,
});

describe("createTextWriter", () => {
  it("writes the text unchanged to a file", () => {
    const { writer, written } = capture(false);
    for (const text of ["a\r\n", "", "\u001b[2J\u0000"]) writer.token(token(text));
    writer.end();
    expect(written()).toBe("a\r\n\u001b[2J\u0000\n");
  });

  it("keeps control characters of the model away from the terminal", () => {
    const { writer, written } = capture(true);
    writer.prompt("\u001b]0;title\u0007");
    writer.token(token("a\tb\nc\u001b[2J\u009b1m\r"));
    for (const active of ["\u001b]", "\u0007", "\u001b[2J", "\u009b", "\r"])
      expect(written()).not.toContain(active);
    expect(written()).toContain("a\tb\nc\u{fffd}[2J\u{fffd}1m\u{fffd}");
  });

  it("ends no line that was never begun", () => {
    const { writer, written } = capture(false);
    writer.end();
    expect(written()).toBe("");
  });
});
