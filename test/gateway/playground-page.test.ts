import { fileURLToPath } from "node:url";
import { findFreePort } from "@adaedl/testing";
import { describe, expect, test } from "vitest";
import { seenOn, untilItSays } from "./open-browser.ts";
import { openPathProxy } from "./open-path-proxy.ts";
import { chromiumPath, openAfterRun, question, sharePageParts } from "./playground-question.ts";
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

  test("fits a phone: settings folded away, room for fingers, two figures above the text", async () => {
    const { stack, browser } = parts;
    const { page } = await browser.visit(stack.gateway, {
      viewport: { width: 390, height: 740 },
      hasTouch: true,
    });
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
    await page.fill("#seed", "");
    // Tokens are words in a line of text, for which no such size is asked.
    expect(
      await page.evaluate(`[...document.querySelectorAll("a, button, select, input, textarea, summary")]
        .map((control) => control.closest("label.switch") ?? control)
        .filter((control) => control.checkVisibility() && control.getBoundingClientRect().height < 44)
        .map((control) => control.outerHTML)`),
    ).toEqual([]);
    await page.check("#keep-rejected");
    await page.check("#tint-all");
    await page.check("#compare");
    await page.click("#run");
    // Without a seed of the user's both runs are given one.
    await page.locator('#verdict[data-kind="identical"]').waitFor({ timeout: 40_000 });
    await expectToFit();
    const topOf = async (selector: string) => (await page.locator(selector).boundingBox())?.y ?? 0;
    for (const figure of ["saved", "speed"]) {
      expect(await page.textContent(`[data-headline="${figure}"]`)).toMatch(/^\d/);
      expect(await topOf(`[data-headline="${figure}"]`)).toBeLessThan(await topOf("#output"));
    }
    await page.setViewportSize({ width: 320, height: 700 });
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
    const { rejected, numAnimations } = await seenOn(still);
    expect(rejected.length).toBeGreaterThan(0);
    expect(numAnimations).toBe(0);
  });

  test("says that the gateway went away, keeps the text, and tries again", async () => {
    const { stack, browser } = parts;
    const port = await findFreePort();
    const way = await openPathProxy(stack.gateway.address, "page", port);
    const { page } = await browser.visit(way, {}, /net::ERR_/);
    await untilItSays(page, /^Ready/);
    await page.fill("#prompt", question.prompt);
    await page.fill("#max-tokens", "400");
    await page.click("#run");
    await page.locator("#output .token").nth(8).waitFor();
    await way[Symbol.asyncDispose]();
    await untilItSays(
      page,
      /^The connection to the gateway was lost\. The \d+ tokens in .* kept\.$/,
    );
    const passing = page.locator("#output .rejected-tokens");
    await expect.poll(() => passing.count(), { timeout: 10_000 }).toBe(0);
    const kept = await page.textContent("#output");
    expect(kept?.length).toBeGreaterThan(8);
    const retry = page.locator("#retry");
    await retry.click();
    await untilItSays(page, /^The gateway does not answer\. Is it still running\?$/);
    expect(await page.textContent("#output")).toBe(kept);
    expect(await page.textContent(".prompt-echo")).toBe(question.prompt);

    await using _again = await openPathProxy(stack.gateway.address, "page", port);
    await page.fill("#max-tokens", "12");
    await retry.click();
    await untilItSays(page, /^Finished: 12 tokens/);
    expect(await page.locator("#output > .token").count()).toBe(12);
    expect(await retry.isVisible()).toBe(false);
  });

  test("loads the models again once a gateway that was away answers", async () => {
    const { stack, browser } = parts;
    const { page } = await browser.visit(stack.gateway, {}, /net::ERR_/);
    await untilItSays(page, /^Ready/);
    await page.route("**/v1/models", (route) => route.abort("connectionrefused"));
    await page.reload();
    await untilItSays(page, /^The gateway does not answer/);
    await page.unroute("**/v1/models");
    // Run loads them as well: nobody has to know which button is the right one.
    await page.fill("#prompt", question.prompt);
    await page.fill("#max-tokens", "4");
    await page.click("#run");
    await untilItSays(page, /^Finished: \d tokens?/);
  });

  test("shows sizes, distance and examples of the model that is chosen", async () => {
    const { stack, browser } = parts;
    const { page } = await browser.visit(stack.gateway, {}, /status of 404/);
    const { data } = await stack.client.models.list();
    const [served] = data as unknown as [{ id: string; meta: Record<string, unknown> }];
    const other = { ...served, id: "someones-model", meta: { ...served.meta, n_params: 8.03e9 } };
    await page.route("**/v1/models", (route) => route.fulfill({ json: { data: [served, other] } }));
    await page.reload();
    await untilItSays(page, /^Ready/);
    const said = (name: string) => page.textContent(`[data-pair="${name}"]`);
    expect(await said("draft")).toBe("storyteller-draft");
    expect(await said("draft-size")).toBe("492 k parameters");
    expect(await said("target-size")).toBe("3.95 M parameters");
    expect(await said("emulated")).toBe("Emulated model time a forward: target 2+0.1 ms");
    // The emulated way is 20 ms long.
    expect(Number.parseInt((await said("distance")) ?? "", 10)).toBeGreaterThan(15);
    const prompt = () => page.inputValue("#prompt");
    expect(await prompt()).toBe("The captain looked at the letter and");
    await page.selectOption("#model", "someones-model");
    expect(await said("target-size")).toBe("8.03 B parameters");
    expect(await prompt()).toBe("The capital of France is");
    expect(await page.locator("#examples .chip").allTextContents()).not.toContain("The captain…");
    await page.fill("#prompt", "words of my own");
    await page.selectOption("#model", served.id);
    expect(await prompt()).toBe("words of my own");
    await page.locator("#examples .chip").first().click();
    expect(await prompt()).toBe("The captain looked at the letter and");

    // One that is no longer served: the gateway's own words, and the list of today.
    await page.selectOption("#model", "someones-model");
    await page.unroute("**/v1/models");
    await page.click("#run");
    await untilItSays(page, /^model must be one of storyteller-target, got/);
    await expect.poll(() => page.locator("#model option").allTextContents()).toEqual([served.id]);
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
    expect(texts.at(-1)?.words).toMatch(/^a stream over 20 ms: \d+ tokens in \d+ forwards/);
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
