import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { seenOn, untilItSays } from "./open-browser.ts";
import { openPathProxy } from "./open-path-proxy.ts";
import { chromiumPath, openAfterRun, sharePageParts } from "./playground-question.ts";
import { startTestGateway } from "./start-gateway-stack.ts";

describe.skipIf(chromiumPath === undefined)("the page", { timeout: 60_000 }, () => {
  const parts = sharePageParts();

  test("says in the API's own words what is wrong", async () => {
    const { stack, browser } = parts;
    const { page } = await browser.visit(stack.gateway, {}, /status of 400/);
    await untilItSays(page, /^Ready/);
    await page.selectOption("#policy", "other");
    await page.fill("#policy-text", "no-such-policy");
    await page.keyboard.press("Control+Enter");
    await page.locator('#status[data-kind="error"]').waitFor();
    expect(await page.textContent("#status")).toContain("no-such-policy");
    expect(await page.textContent("#status")).toMatch(/^adaedl\.policy .*adaedl/);
    // And goes on.
    await page.fill("#policy-text", "static:2");
    await page.fill("#max-tokens", "4");
    await page.keyboard.press("Control+Enter");
    await untilItSays(page, /^Finished: \d tokens?/);
  });

  test("asks for the key of a gateway that wants one, and keeps it in this tab only", async () => {
    const { stack, browser } = parts;
    const key = "sk-right";
    await using gateway = await startTestGateway([stack.draft.address], {
      playground: true,
      apiKey: key,
    });
    const { page } = await browser.visit(gateway, {}, /status of 401/);
    await page.locator("#key").waitFor();
    await untilItSays(page, /must carry a valid API key/);
    await page.keyboard.type("sk-wrong");
    await page.keyboard.press("Enter");
    await untilItSays(page, /this is not a valid API key/);
    await page.locator("#key").waitFor();
    await page.keyboard.type(key);
    await page.keyboard.press("Enter");
    await untilItSays(page, /^Ready/);
    expect(await page.locator("#key").isVisible()).toBe(false);
    await page.fill("#max-tokens", "4");
    await page.click("#run");
    await untilItSays(page, /^Finished: \d tokens?/);

    expect(await page.evaluate("[localStorage.length, document.cookie, location.href]")).toEqual([
      ...[0, "", `http://${gateway.address}/`],
    ]);
    await page.reload();
    await untilItSays(page, /^Ready/);
    const another = await page.context().newPage();
    await another.goto(`http://${gateway.address}/`);
    await another.locator("#key").waitFor();
  });

  test("fits a phone, its settings folded away", async () => {
    const { stack, browser } = parts;
    const { page } = await browser.visit(stack.gateway, { viewport: { width: 360, height: 740 } });
    await untilItSays(page, /^Ready/);
    const expectToFit = async () => {
      const { scrollWidth, clientWidth } = (await page.evaluate(
        "({ scrollWidth: document.documentElement.scrollWidth, clientWidth: document.documentElement.clientWidth })",
      )) as Record<"scrollWidth" | "clientWidth", number>;
      expect(scrollWidth).toBeLessThanOrEqual(clientWidth);
    };
    await expectToFit();
    expect(await page.locator("#max-tokens").isVisible()).toBe(false);
    await page.click("summary");
    await page.fill("#max-tokens", "12");
    await page.selectOption("#policy", "other");
    await expectToFit();
    await page.selectOption("#policy", "static:3");
    await page.check("#keep-refused");
    await page.check("#compare");
    await page.click("#run");
    await page.locator("#verdict").waitFor({ timeout: 40_000 });
    await expectToFit();
  });

  test("is dark for those who like it dark", async () => {
    const { stack, browser } = parts;
    const { page } = await browser.visit(stack.gateway);
    await untilItSays(page, /^Ready/);
    const lightnessOf = async (property: string) => {
      const color = await page.evaluate(`getComputedStyle(document.body).${property}`);
      const [red = 0, green = 0, blue = 0] = String(color).match(/\d+/g)?.map(Number) ?? [];
      return (red + green + blue) / (3 * 255);
    };
    expect(await lightnessOf("backgroundColor")).toBeGreaterThan(0.9);
    expect(await lightnessOf("color")).toBeLessThan(0.2);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await lightnessOf("backgroundColor")).toBeLessThan(0.1);
    expect(await lightnessOf("color")).toBeGreaterThan(0.8);
  });

  test("moves nothing where that is wished for", async () => {
    const moving = await openAfterRun(parts);
    expect((await seenOn(moving)).numAnimations).toBeGreaterThan(0);
    const still = await openAfterRun(parts, { reducedMotion: "reduce" });
    const { refused, numAnimations } = await seenOn(still);
    expect(refused.length).toBeGreaterThan(0);
    expect(numAnimations).toBe(0);
  });

  test("works behind a proxy under a path, with every address relative", async () => {
    const { stack, browser } = parts;
    await using proxy = await openPathProxy(stack.gateway.address, "tools/adaedl");
    // A request outside of the path fails `closePages`.
    const { page } = await browser.visit(proxy);
    await untilItSays(page, /^Ready/);
    await page.fill("#max-tokens", "4");
    await page.click("#run");
    await untilItSays(page, /^Finished: \d tokens?/);
    const described = (await page.evaluate(`(async () => {
      const answer = await fetch(document.querySelector("nav a").href);
      const { servers, paths } = await answer.json();
      return Object.keys(paths).map((path) => new URL(servers[0].url + path.slice(1), answer.url).href);
    })()`)) as string[];
    expect(described).toContain(`http://${proxy.address}/v1/completions`);
  });

  test("the README's picture keeps the spaces of its text, and each token in its box", async () => {
    const picture = await parts.browser.open(docs("speculation.svg"));
    const texts = (await picture.evaluate(`[...document.querySelectorAll("text")].map((text) => {
      const { x, width } = text.getBBox();
      const box = text.previousElementSibling.getBBox();
      return {
        numLost: text.textContent.length - text.getNumberOfChars(),
        isBoxed: text.previousElementSibling.matches("rect:not([stroke])"),
        offset: Math.max(Math.abs(x - box.x), Math.abs(width - box.width)),
        words: text.textContent,
      };
    })`)) as { numLost: number; isBoxed: boolean; offset: number; words: string }[];
    expect(texts.filter(({ words }) => /^ \w/.test(words)).length).toBeGreaterThan(20);
    expect(texts.filter(({ numLost }) => numLost !== 0)).toEqual([]);
    const boxed = texts.filter(({ isBoxed }) => isBoxed);
    expect(boxed.length).toBeGreaterThan(100);
    expect(boxed.filter(({ offset }) => offset > 2)).toEqual([]);
    // README.md speaks of AdaEDL's rule beside it.
    expect(texts.at(-1)?.words).toMatch(/^policy adaedl: \d+ tokens in \d+ passes/);
  });

  test("runs nothing but its own scripts", async () => {
    const { stack, browser } = parts;
    const { page, response } = await browser.visit(stack.gateway, {}, /Content Security Policy/);
    expect(response.headers()["content-security-policy"]?.split(";").toSorted()).toEqual([
      ...["base-uri 'none'", "connect-src 'self'", "default-src 'none'", "form-action 'none'"],
      ...[
        "frame-ancestors 'none'",
        "img-src 'self' data:",
        "script-src 'self'",
        "style-src 'self'",
      ],
    ]);
    await page.evaluate(`
      document.body.insertAdjacentHTML("beforeend", "<img src='data:,' onerror='window.byHandler = 1'>");
      const script = document.createElement("script");
      script.textContent = "window.byScript = 1";
      document.body.append(script);`);
    await page.waitForTimeout(200);
    expect(await page.evaluate("[window.byScript, window.byHandler]")).toEqual([
      undefined,
      undefined,
    ]);
  });
});

const docs = (name: string) => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));
