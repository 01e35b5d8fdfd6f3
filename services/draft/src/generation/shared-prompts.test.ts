import { AdaedlError } from "@adaedl/core";
import { expect, test } from "vitest";
import { createSharedPrompts } from "./shared-prompts.ts";

const text = (text: string) => ({ type: "text", text }) as const;
const { signal } = new AbortController();

/** Counts what is encoded, and ends each when it is told to. */
function countingPrompts() {
  const begun: { readonly signal: AbortSignal; end(error?: AdaedlError): void }[] = [];
  const encode = createSharedPrompts(
    (_, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => reject(AdaedlError.fromAbort(signal.reason)));
        begun.push({ signal, end: (error) => (error ? reject(error) : resolve([1, 2])) });
      }),
  );
  return { begun, encode };
}

test("a prompt that 64 requests have is encoded once, and again when it is forgotten", async () => {
  const { begun, encode } = countingPrompts();
  const signalOf = () => new AbortController().signal;
  const choices = Array.from({ length: 64 }, () => encode(text("same"), signalOf()));
  begun[0]?.end();
  for (const tokenIds of await Promise.all(choices)) expect(tokenIds).toEqual([1, 2]);
  expect(await encode(text("same"), signal)).toEqual([1, 2]);
  expect(begun).toHaveLength(1);
  for (let other = 1; other <= 16; other++) {
    const encoding = encode(text(String(other)), signal);
    begun[other]?.end();
    await encoding;
  }
  const again = encode(text("same"), signal);
  expect(begun).toHaveLength(18);
  begun[17]?.end();
  await again;
});

test("the encoding ends when the last that waits for it has gone, and no sooner", async () => {
  const { begun, encode } = countingPrompts();
  const [one, other] = [new AbortController(), new AbortController()];
  const first = encode(text("a"), one.signal);
  const second = encode(text("a"), other.signal);
  one.abort();
  await expect(first).rejects.toMatchObject({ code: "cancelled" });
  expect(begun[0]?.signal.aborted).toBe(false);
  other.abort();
  await expect(second).rejects.toMatchObject({ code: "cancelled" });
  expect(begun[0]?.signal.aborted).toBe(true);
});

test("a failure is everybody's, and not kept", async () => {
  const { begun, encode } = countingPrompts();
  const [first, second] = [encode(text("a"), signal), encode(text("a"), signal)];
  begun[0]?.end(new AdaedlError("out_of_range", "too long"));
  for (const failed of [first, second]) await expect(failed).rejects.toThrow("too long");
  const again = encode(text("a"), signal);
  begun[1]?.end();
  expect(await again).toEqual([1, 2]);
});
