import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import type { Comparison } from "../policies/cell.ts";
import { cell, createComparison, policies } from "./comparison.cases.ts";
import { writeReport } from "./write-report.ts";

/** The page as a reader's browser has it. */
async function pageOf(comparison: Comparison) {
  const directory = await mkdtemp(join(tmpdir(), "adaedl-report-"));
  try {
    const path = await writeReport(comparison, join(directory, "new", "report"));
    expect(path).toBe(join(directory, "new", "report", "index.html"));
    const source = await readFile(path, "utf8");
    const { document } = parseHTML(source);
    const all = (selector: string, within: ParentNode = document) => [
      ...within.querySelectorAll(selector),
    ];
    const texts = (selector: string, within?: ParentNode) =>
      all(selector, within).map((one) => (one.textContent ?? "").trim());
    return { source, all, texts };
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** What linkedom's elements have in common with a browser's, of which no types are loaded here. */
interface ParentNode {
  querySelectorAll(selector: string): Iterable<ParentNode>;
  readonly textContent: string | null;
}

describe("writeReport", () => {
  it("draws every question, with a title, how to read it, a legend and labelled axes", async () => {
    const { all, texts } = await pageOf(createComparison([1, 20, 100]));
    const figures = all("figure");
    expect(texts("figure > h2")).toEqual([
      "What a stream gains",
      "Speed",
      "Wasted drafts",
      "Work of the target",
      "Acceptance against entropy",
    ]);
    expect(texts("nav a")).toEqual(texts("figure > h2"));
    for (const figure of figures) {
      expect(texts("figcaption", figure)[0]).toMatch(/\.$/);
      expect(all(".legend .key svg", figure).length).toBeGreaterThan(0);
      const panels = all(".panel", figure);
      expect(panels.length).toBeGreaterThan(0);
      for (const panel of panels) {
        expect(texts("h3", panel)[0]).toContain("storyteller · ");
        for (const axis of ["x", "y"])
          expect(texts(`svg [aria-label="${axis}-axis label"]`, panel)[0]).toMatch(/\w{3}/);
      }
    }
  });

  it("names every policy, and lists every cell with the command that measured it", async () => {
    const comparison = createComparison([1, 20, 100]);
    const { all, texts } = await pageOf(comparison);
    expect(texts("#speed .key")).toEqual(policies);
    expect(all("section tbody tr").length - all("section th[colspan]").length).toBe(
      comparison.cells.length,
    );
    expect(texts("pre")).toEqual(["adaedl bench --report out"]);
  });

  it("shows the gain of a stream over the best of all others, the oracle aside", async () => {
    const { texts } = await pageOf(createComparison([20]));
    // Of 1000 + 100 · index: a stream is the seventh, the best other one but the oracle the sixth.
    expect(texts('#gain [aria-label="text"] text')).toEqual(["1.07", "1.07"]);
  });

  it("asks for nothing from elsewhere, and runs nothing", async () => {
    const { source, all } = await pageOf(createComparison([1, 20]));
    expect(source).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|\ssrc=|\son\w+=/i);
    expect(source.replaceAll(/xmlns(:\w+)?="[^"]*"/g, "")).not.toMatch(/https?:|["'(]\/\//);
    expect(all("a").every((link) => String(link).length > 0)).toBe(true);
    expect(source.match(/href="[^#]/g)).toBeNull();
  });

  it("shows bars where there is one round-trip time", async () => {
    const { all, texts } = await pageOf(createComparison([20]));
    const bars = all('#speed .panel:first-child [aria-label="bar"] rect');
    expect(bars).toHaveLength(policies.length);
    expect(texts("#speed h3")).toContain("storyteller · laptop · T = 0 · RTT 20 ms");
    expect(all('#speed [aria-label="line"]')).toEqual([]);
  });

  it("shows what there is of an incomplete comparison", async () => {
    const nothing = { command: "adaedl bench", cells: [], guesses: [] };
    const empty = await pageOf(nothing);
    expect(empty.all("figure")).toEqual([]);
    expect(empty.texts("p")[0]).toBe("This comparison has no cells.");
    const one = await pageOf({
      ...nothing,
      cells: [{ ...cell, numTokens: 0, tokensPerSecond: 0 }],
    });
    expect(one.all("figure")).toHaveLength(3);
    expect(one.source).not.toMatch(/NaN|Infinity|undefined/);
    const guesses = createComparison([]).guesses.slice(0, 3);
    expect((await pageOf({ ...nothing, guesses })).all("figure")).toHaveLength(1);
  });

  it("shows names as they are, whatever they are", async () => {
    const policy = `adaedl:"><script>alert(1)</script>&amp;'`;
    const cells = createComparison([1, 20]).cells.map((one) => ({ ...one, policy, pair: policy }));
    const { all, texts } = await pageOf({ command: policy, cells, guesses: [] });
    expect(all("script")).toEqual([]);
    expect(texts("#speed .key")).toEqual([policy]);
    expect(texts("pre")).toEqual([policy]);
  });
});
