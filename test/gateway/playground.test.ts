import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { seenOn, untilItSays } from "./open-browser.ts";
import {
  type Answer,
  answerOf,
  chromiumPath,
  maxTokens,
  openAfterRun,
  openWithQuestion,
  question,
  sharePageParts,
  type TokenFacts,
} from "./playground-question.ts";

const numOf = (page: Page, origin: string) =>
  page.locator(`#output .token[data-origin="${origin}"]`).count();

describe.skipIf(chromiumPath === undefined)("a text on the page", { timeout: 60_000 }, () => {
  const parts = sharePageParts();
  let answer: Answer;
  beforeAll(async () => {
    answer = await answerOf(parts);
  });

  test("shows the gateway's text token by token: accepted ones tinted, the target's own on request", async () => {
    const page = await openWithQuestion(parts);
    await page.focus("#prompt");
    await page.keyboard.press("Control+A");
    await page.keyboard.type(question.prompt);
    await page.keyboard.press("Control+Enter");
    await untilItSays(page, /^Finished/);
    const { text, tokens } = answer;
    await expect.poll(() => numOf(page, "rejected")).toBe(0);
    expect(await page.textContent("#output")).toBe(text);
    for (const origin of ["accepted", "recovered", "bonus"])
      expect(await numOf(page, origin)).toBe(tokens.filter((one) => one.origin === origin).length);
    expect(await page.locator("#output .token").count()).toBe(maxTokens);

    const { numTokens } = await seenOn(page);
    expect(new Set(numTokens).size).toBeGreaterThan(5);
    expect(numTokens).toEqual(numTokens.toSorted((one, other) => one - other));
    const tints = async () =>
      (await page.evaluate(`["accepted", "recovered", "bonus"].map((origin) =>
        getComputedStyle(document.querySelector("#output [data-origin=" + origin + "]")).backgroundColor)`)) as string[];
    const [accepted, ...own] = await tints();
    const none = "rgba(0, 0, 0, 0)";
    expect(accepted).not.toBe(none);
    expect(own).toEqual([none, none]);
    await page.check("#tint-all");
    expect(new Set([...(await tints()), none]).size).toBe(4);
  });

  test("tells of a token under the pointer, and of the one with the focus", async () => {
    const page = await openAfterRun(parts);
    const { tokens } = answer;
    const tooltip = page.locator("#tooltip");
    const expectTold = async ({ origin, entropy, id }: TokenFacts) => {
      const entropyText =
        entropy === null ? "not seen by the draft model" : `entropy ${entropy.toFixed(2)} nats`;
      await tooltip.waitFor();
      const told = await tooltip.textContent();
      for (const part of [`${origin}: `, entropyText, `id ${id}`]) expect(told).toContain(part);
    };
    const at = tokens.findIndex(({ origin }) => origin === "accepted");
    await expect.poll(() => numOf(page, "rejected")).toBe(0);
    await page.locator("#output .token").nth(at).hover();
    await expectTold(tokens[at] as TokenFacts);
    await page.mouse.move(5, 5);
    await tooltip.waitFor({ state: "hidden" });

    await page.focus("#prompt");
    const isTokenFocused = () => page.evaluate("document.activeElement.matches('#output .token')");
    for (let presses = 0; presses < 25 && !(await isTokenFocused()); presses++)
      await page.keyboard.press("Tab");
    await expectTold(tokens[0] as TokenFacts);
    await page.keyboard.press("ArrowRight");
    await expectTold(tokens[1] as TokenFacts);
    await page.keyboard.press("End");
    await expectTold(tokens.at(-1) as TokenFacts);
    await page.keyboard.press("ArrowLeft");
    await expectTold(tokens.at(-2) as TokenFacts);
    await page.keyboard.press("Escape");
    expect(await tooltip.isVisible()).toBe(false);
  });

  test("shows rejected draft tokens struck through: in passing, or for good", async () => {
    const page = await openAfterRun(parts);
    const { text, commits } = answer;
    const rejected = commits.flatMap((commit) => commit.draft_tokens.slice(commit.num_accepted));
    const inText = rejected.map((token) => token.text.replaceAll("\n", "↵"));
    expect(inText.length).toBeGreaterThan(3);
    const seen = await seenOn(page);
    expect(seen.rejected.map((token) => token.text)).toEqual(inText);
    const lines = seen.rejected.map(({ line }) => line).filter((line) => line !== null);
    expect(new Set(lines)).toEqual(new Set(["line-through"]));
    await expect.poll(() => numOf(page, "rejected")).toBe(0);

    await page.check("#keep-rejected");
    const kept = page.locator('#output .token[data-origin="rejected"]');
    expect(await kept.allTextContents()).toEqual(inText);
    await page.waitForTimeout(1_000); // longer than they stay in passing
    expect(await kept.count()).toBe(inText.length);
    await page.uncheck("#keep-rejected");
    expect(await page.textContent("#output")).toBe(text);
  });

  test("is stopped by Escape, down to the draft service", async () => {
    const page = await openWithQuestion(parts);
    await page.fill("#max-tokens", "400");
    await page.keyboard.press("Control+Enter");
    await page.locator("#output .token").first().waitFor();
    await page.locator("#frontier .frontier-token").first().waitFor();
    expect(parts.stack.draft.numRunning).toBe(1);
    await page.keyboard.press("Escape");
    await untilItSays(page, /^Stopped after \d+ tokens? in/);
    await expect.poll(() => parts.stack.draft.numRunning).toBe(0);
    expect(await page.textContent(".frontier-caption")).toMatch(
      /^In flight: \d+ tokens? ahead of the target$/,
    );
    expect(await page.locator("#frontier").isVisible()).toBe(true);
    expect(await page.locator("#stop").isVisible()).toBe(false);
  });
});
