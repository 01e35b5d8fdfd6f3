import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type BrowserContextOptions, chromium, type Page, type Response } from "playwright-core";
import { expect } from "vitest";

/** A browser in which tests look at the page. */
export interface TestBrowser extends AsyncDisposable {
  /**
   * Opens the page of a gateway in a window of its own, without anything kept from earlier ones.
   * @param expected what the browser may complain of; anything else fails `closePages`
   */
  visit(
    gateway: { readonly address: string },
    options?: BrowserContextOptions,
    expected?: RegExp,
  ): Promise<Visit>;
  /** Opens a file in a window of its own. @param path absolute */
  open(path: string): Promise<Page>;
  /** Closes all windows. @throws Error when a page complained, or asked anybody but its gateway */
  closePages(): Promise<void>;
}

export interface Visit {
  readonly page: Page;
  readonly response: Response;
}

/** @param executablePath of a Chromium */
export async function openBrowser(executablePath: string): Promise<TestBrowser> {
  const browser = await chromium.launch({ executablePath });
  let troubles: string[] = [];
  return {
    async visit({ address }, options = {}, expected) {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 900 },
        ...options,
      });
      await context.addInitScript(recorder);
      context.on("console", (message) => {
        const isComplaint = ["error", "warning"].includes(message.type());
        const isForeign = message.text().includes(networkChanged);
        if (isComplaint && !isForeign && !expected?.test(message.text()))
          troubles.push(`${message.type()}: ${message.text()}`);
      });
      context.on("weberror", (error) => troubles.push(`thrown: ${error.error()}`));
      const origin = `http://${address}`;
      context.on("request", (request) => {
        const isElsewhere = !request.url().startsWith(`${origin}/`);
        if (isElsewhere && !request.url().startsWith("data:"))
          troubles.push(`asked elsewhere: ${request.url()}`);
      });
      const page = await context.newPage();
      const response = await load(page, `${origin}/`);
      if (response === null) throw new Error("the page did not answer");
      return { page, response };
    },
    async open(path) {
      const page = await browser.newPage();
      await page.goto(pathToFileURL(path).href);
      return page;
    },
    async closePages() {
      for (const context of browser.contexts()) await context.close();
      const told = troubles;
      troubles = [];
      expect(told).toEqual([]);
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

/** A container that starts or stops changes the machine's networks: Chromium then drops what it loads. */
const networkChanged = "net::ERR_NETWORK_CHANGED";

/** Loads a page with everything that belongs to it. */
async function load(page: Page, url: string): Promise<Response | null> {
  for (;;) {
    let isDropped = false;
    page.on("requestfailed", (request) => {
      isDropped ||= request.failure()?.errorText === networkChanged;
    });
    const response = await page.goto(url).catch((error) => {
      if (!String(error).includes(networkChanged)) throw error;
      return null;
    });
    if (response !== null && !isDropped) return response;
  }
}

/** What was seen of a run, at each change of its text. */
export interface Seen {
  /** How many tokens there were. */
  readonly numTokens: readonly number[];
  /** How the rejected draft tokens that were seen in passing are drawn; null: later ones of the same frame took their place. */
  readonly rejected: readonly { readonly text: string; readonly line: string | null }[];
  /** Most animations at a time. */
  readonly numAnimations: number;
}

// Runs in the page, from its beginning: what passes within a frame cannot be seen from here.
const recorder = `
  window.seen = { numTokens: [], rejected: [], numAnimations: 0 };
  addEventListener("DOMContentLoaded", () => {
    const output = document.getElementById("output");
    new MutationObserver((changes) => {
      seen.numTokens.push(output.querySelectorAll(":scope > .token[data-origin]").length);
      seen.numAnimations = Math.max(seen.numAnimations, document.getAnimations().length);
      for (const added of changes.flatMap((change) => [...change.addedNodes]))
        for (const token of added.querySelectorAll("[data-origin=rejected]"))
          seen.rejected.push({
            text: token.textContent,
            line: token.isConnected ? getComputedStyle(token).textDecorationLine : null,
          });
    }).observe(output, { childList: true });
  });`;

/** What was seen on this page so far. */
export async function seenOn(page: Page): Promise<Seen> {
  return (await page.evaluate("seen")) as Seen;
}

/** Waits until the page says this. */
export async function untilItSays(page: Page, words: RegExp): Promise<void> {
  await expect.poll(() => page.textContent("#status"), { timeout: 40_000 }).toMatch(words);
}

/** Keeps pictures of the page, light and dark, wide and narrow, where `ADAEDL_SCREENSHOTS` says. */
export async function keepPictures(page: Page, name: string): Promise<void> {
  const { ADAEDL_SCREENSHOTS: folder = "" } = process.env;
  if (folder === "") return;
  mkdirSync(folder, { recursive: true });
  for (const colorScheme of ["light", "dark"] as const)
    for (const width of [1280, 390]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await page.waitForTimeout(200); // charts are drawn anew at the next frame
      const path = join(folder, `${name}-${colorScheme}-${width}.png`);
      await page.screenshot({ path, fullPage: true });
    }
}
