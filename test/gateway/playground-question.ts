import { findChromium } from "@adaedl/testing";
import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";
import { complete, type MoreFields, type Speculation } from "./ask-gateway.ts";
import { openBrowser, type TestBrowser, untilItSays } from "./open-browser.ts";
import type { GatewayStack } from "./start-gateway-stack.ts";
import { startPageStack } from "./start-page-stack.ts";

/** The Chromium in which the page is looked at; without one there is nothing to test. */
export const chromiumPath = await findChromium();

/** What the tests of a file share. */
export interface PageParts {
  readonly stack: GatewayStack;
  readonly browser: TestBrowser;
}

/** Starts a stack and a browser for all tests of a file; no test may leave the browser complaining. */
export function sharePageParts(): PageParts {
  let parts: PageParts | undefined;
  beforeAll(async () => {
    if (chromiumPath === undefined) return;
    const stack = await startPageStack();
    parts = { stack, browser: await openBrowser(chromiumPath) };
  });
  afterEach(() => parts?.browser.closePages());
  afterAll(async () => {
    await parts?.browser[Symbol.asyncDispose]();
    await parts?.stack[Symbol.asyncDispose]();
  });
  const started = () => {
    if (parts === undefined) throw new Error("asked for before the tests began");
    return parts;
  };
  return {
    get stack() {
      return started().stack;
    },
    get browser() {
      return started().browser;
    },
  };
}

export const question = { prompt: "The old sailor opened the door and", seed: 3, temperature: 0.7 };
export const maxTokens = 36;

/** A token as the API tells it. */
export interface TokenFacts {
  readonly id: number;
  readonly origin: "accepted" | "recovered" | "bonus" | "autoregressive";
  readonly entropy: number | null;
}

/** The gateway's answer to what the page asks, in one piece. */
export interface Answer {
  readonly text: string;
  readonly tokens: readonly TokenFacts[];
  readonly commits: readonly {
    readonly draft_tokens: readonly { readonly text: string }[];
    readonly num_accepted: number;
  }[];
  readonly speculation: Speculation;
}

/** Asks the gateway without the page. */
export async function answerOf(
  { stack }: PageParts,
  adaedl: MoreFields["adaedl"] = {},
): Promise<Answer> {
  const fields = { ...question, max_tokens: maxTokens, adaedl: { ...adaedl, details: true } };
  const { choices, speculation } = await complete(stack.client, fields);
  const [choice] = choices as unknown as [{ text: string; adaedl: Answer }];
  return { ...choice.adaedl, text: choice.text, speculation };
}

/** The page with the question in its fields. */
export async function openWithQuestion(
  { stack, browser }: PageParts,
  options?: BrowserContextOptions,
): Promise<Page> {
  const { page } = await browser.visit(stack.gateway, options);
  await untilItSays(page, /^Ready/);
  await page.fill("#seed", String(question.seed));
  await page.fill("#max-tokens", String(maxTokens));
  await page.fill("#prompt", question.prompt);
  return page;
}

/** The same, after its run. */
export async function openAfterRun(
  parts: PageParts,
  options?: BrowserContextOptions,
): Promise<Page> {
  const page = await openWithQuestion(parts, options);
  await page.keyboard.press("Control+Enter");
  await untilItSays(page, /^Finished/);
  return page;
}
