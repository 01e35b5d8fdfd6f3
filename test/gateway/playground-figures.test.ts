import { describe, expect, test } from "vitest";
import { keepPictures, untilItSays } from "./open-browser.ts";
import {
  answerOf,
  chromiumPath,
  maxTokens,
  openWithQuestion,
  sharePageParts,
} from "./playground-question.ts";

describe.skipIf(chromiumPath === undefined)(
  "the figures of a run on the page",
  { timeout: 60_000 },
  () => {
    const parts = sharePageParts();

    test("fills the strip with the figures of the answer", async () => {
      const page = await openWithQuestion(parts);
      await page.keyboard.press("Control+Enter");
      await untilItSays(page, /^Finished/);
      const { speculation, tokens } = await answerOf(parts);
      const stat = (name: string) => page.textContent(`[data-stat="${name}"]`);
      const rate = Math.round(100 * (speculation.acceptance_rate as number));
      await expect.poll(() => stat("acceptance-rate")).toBe(`${rate} %`);
      expect(await stat("commits")).toBe(String(speculation.commits));
      expect(await stat("tokens")).toBe(String(maxTokens));
      const forwards = speculation.target_forwards as number;
      expect(await stat("forwards")).toBe(String(forwards));
      expect(await stat("forwards-per-token")).toBe((forwards / maxTokens).toFixed(2));
      expect(Number(await stat("frontier-distance"))).toBeGreaterThan(0);
      // Token by token it takes one for the prompt, and one for each token.
      const headline = (name: string) => page.textContent(`[data-headline="${name}"]`);
      const share = Math.round((100 * (maxTokens + 1 - forwards)) / (maxTokens + 1));
      expect(share).toBeGreaterThan(5);
      expect(await headline("saved")).toBe(`${share} %`);
      expect(await headline("forwards")).toBe(`${forwards} instead of ${maxTokens + 1}`);
      expect(Number(await headline("speed"))).toBeGreaterThan(1);
      const part = (name: string) => page.textContent(`[data-share-label="${name}"]`);
      for (const origin of ["accepted", "recovered", "bonus", "autoregressive"])
        expect(await part(origin)).toBe(
          String(tokens.filter((token) => token.origin === origin).length),
        );
      // The emulated way is 20 ms long, and rounds wait for it.
      expect(Number.parseInt((await part("network")) ?? "", 10)).toBeGreaterThan(0);
    });

    test("compares with plain decoding at the same time: the same text, and what each took", async () => {
      const page = await openWithQuestion(parts);
      await page.check("#compare");
      await page.keyboard.press("Control+Enter");
      await page.locator("#verdict").waitFor({ timeout: 40_000 });
      expect(await page.textContent("#verdict")).toBe(
        "Both texts are identical, to the last character.",
      );
      const drafted = await answerOf(parts);
      const plain = await answerOf(parts, { draft: false });
      expect(await page.textContent("#second-output")).toBe(plain.text);
      expect(await page.locator("h2[data-policy]").allTextContents()).toEqual(["adaedl", "none"]);
      const cell = (name: string) => page.textContent(`[data-compared="${name}"]`);
      expect(await cell("first-forwards")).toBe(String(drafted.speculation.target_forwards));
      expect(await cell("second-forwards")).toBe(String(plain.speculation.target_forwards));
      for (const side of ["first", "second"])
        expect(Number(await cell(`${side}-speed`))).toBeGreaterThan(1);
      // A target as small as this is not worth a round trip for each draft.
      expect(await page.textContent("#why-slower:visible")).toMatch(
        /^Autoregressive decoding was faster here/,
      );
      await keepPictures(page, "compare");
    });
  },
);
