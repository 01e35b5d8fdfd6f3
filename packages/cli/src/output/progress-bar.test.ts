import { Writable } from "node:stream";
import { expect, it } from "vitest";
import { createProgressBar } from "./progress-bar.ts";

function capture(isTTY: boolean) {
  let written = "";
  const stream = new Writable({
    write(chunk, _, done) {
      written += chunk;
      done();
    },
  });
  Object.assign(stream, { isTTY, columns: 120 });
  return { stream: stream as unknown as NodeJS.WriteStream, written: () => written };
}

it("draws how far it is, and leaves the last state on the terminal", () => {
  const { stream, written } = capture(true);
  const bar = createProgressBar(8, "cells", stream);
  bar.step();
  bar.step(5);
  bar.end();
  expect(written()).toContain("0 of 8 cells");
  expect(written()).toMatch(/6 of 8 cells · [^\n]+ left[^\n]*\n$/);
});

it("goes on from what was done before, with a note", () => {
  const { stream, written } = capture(true);
  const bar = createProgressBar(8, "steps", stream, 6);
  bar.step(1, "loss 0.312");
  bar.step();
  bar.end();
  expect(written()).toContain("6 of 8 steps · ");
  expect(written()).toMatch(/8 of 8 steps · loss 0.312 · 0s left[^\n]*\n$/);
});

it("writes nothing into a file", () => {
  const { stream, written } = capture(false);
  const bar = createProgressBar(8, "cells", stream);
  bar.step();
  bar.end();
  expect(written()).toBe("");
});

it("takes no signals from the command", () => {
  const before = process.listenerCount("SIGINT");
  const bar = createProgressBar(8, "cells", capture(true).stream);
  expect(process.listenerCount("SIGINT")).toBe(before);
  bar.end();
});
