import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { keepPictures, untilItSays } from "./open-browser.ts";
import {
  answerOf,
  chromiumPath,
  maxTokens,
  openWithQuestion,
  sharePageParts,
} from "./playground-question.ts";

/** Pixels of a chart in a colour of the stylesheet. */
async function pixelsIn(page: Page, chart: string, color: string): Promise<number> {
  return (await page.evaluate(`(() => {
    const chart = document.querySelector("#${chart} canvas");
    // On a canvas of our own: the browser complains where one that is drawn on is read again and again.
    const { width, height } = chart;
    const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    const pixels = () => copy.getImageData(0, 0, width, height).data;
    copy.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--${color}");
    copy.fillRect(0, 0, 1, 1);
    const wanted = pixels().slice(0, 4);
    copy.clearRect(0, 0, 1, 1);
    copy.drawImage(chart, 0, 0);
    const data = pixels();
    let count = 0;
    for (let at = 0; at < data.length; at += 4)
      if (wanted.every((value, part) => data[at + part] === value)) count++;
    return count;
  })()`)) as number;
}

describe.skipIf(chromiumPath === undefined)(
  "the figures of a run on the page",
  { timeout: 60_000 },
  () => {
    const parts = sharePageParts();

    test("fills the strip with the figures of the answer", async () => {
      const page = await openWithQuestion(parts);
      expect(await pixelsIn(page, "entropy-chart", "accepted")).toBe(0);
      await page.keyboard.press("Control+Enter");
      await untilItSays(page, /^Finished/);
      const { speculation } = await answerOf(parts);
      const stat = (name: string) => page.textContent(`[data-stat="${name}"]`);
      const rate = Math.round(100 * (speculation.acceptance_rate as number));
      await expect.poll(() => stat("acceptance-rate")).toBe(`${rate} %`);
      expect(await stat("commits")).toBe(String(speculation.commits));
      expect(await stat("tokens")).toBe(String(maxTokens));
      const passes = speculation.target_forwards as number;
      expect(await stat("passes")).toBe(String(passes));
      // Token by token it takes one for the prompt, and one for each token.
      const headline = (name: string) => page.textContent(`[data-headline="${name}"]`);
      const share = Math.round((100 * (maxTokens + 1 - passes)) / (maxTokens + 1));
      expect(share).toBeGreaterThan(5);
      expect(await headline("saved")).toBe(`${share} %`);
      expect(await headline("passes")).toBe(`${passes} instead of ${maxTokens + 1}`);
      expect(Number(await headline("speed"))).toBeGreaterThan(1);
      // The emulated way is 20 ms long.
      expect(Number.parseFloat((await stat("network")) ?? "")).toBeGreaterThan(15);
      for (const chart of ["entropy-chart", "rounds-chart"]) {
        expect(await pixelsIn(page, chart, "accepted")).toBeGreaterThan(100);
        expect(await pixelsIn(page, chart, "recovered-tint")).toBeGreaterThan(20);
      }
      expect(await pixelsIn(page, "entropy-chart", "text")).toBeGreaterThan(50);
      // What is drawn follows the colours of the page, though no rule of a stylesheet reaches it.
      await page.emulateMedia({ colorScheme: "dark" });
      const inDark = () => pixelsIn(page, "entropy-chart", "accepted");
      await expect.poll(inDark).toBeGreaterThan(100);
    });

    test("compares with plain decoding: the same text, and what each took", async () => {
      const page = await openWithQuestion(parts);
      await page.check("#compare");
      await page.keyboard.press("Control+Enter");
      await page.locator("#verdict").waitFor({ timeout: 40_000 });
      expect(await page.textContent("#verdict")).toBe(
        "Both texts are identical, to the last character.",
      );
      const drafted = await answerOf(parts);
      const plain = await answerOf(parts, { draft: false });
      expect(await page.textContent("#plain-output")).toBe(plain.text);
      const cell = (name: string) => page.textContent(`[data-compared="${name}"]`);
      expect(await cell("speculative-forwards")).toBe(String(drafted.speculation.target_forwards));
      expect(await cell("plain-forwards")).toBe(String(plain.speculation.target_forwards));
      for (const side of ["speculative", "plain"])
        expect(Number(await cell(`${side}-speed`))).toBeGreaterThan(1);
      // A target as small as this is not worth a round trip for each draft.
      expect(await page.textContent("#why-slower:visible")).toMatch(
        /^Autoregressive decoding was faster here/,
      );
      await keepPictures(page, "compare");
    });
  },
);
