import { expect, test } from "vitest";
import type { SlotStep } from "./messages.ts";
import {
  errorOf,
  failureOf,
  greedy,
  logitsOf,
  open,
  randomTokens,
  rowsOf,
  stepOf,
  writeTiny,
} from "./open-thread.cases.ts";

const directory = writeTiny({ architecture: "llama" });
const text = randomTokens(1, 12);

test("a forward takes the emulated time for itself and for each row but the first", async () => {
  const thread = await open({ directory, emulatedForwardMs: "40+5.5" });
  const [one, other] = [await thread.openSlot(greedy), await thread.openSlot(greedy)];
  const timeOf = async (...steps: SlotStep[]) => {
    const startedAt = performance.now();
    for (const result of await thread.forward(steps)) rowsOf(result);
    return performance.now() - startedAt;
  };
  const [prompt, next] = [text.slice(0, 6), text.slice(6, 7)];
  const sharedMs = await timeOf(stepOf(one, [], prompt), stepOf(other, [], prompt));
  expect(sharedMs).toBeGreaterThanOrEqual(40 + 11 * 5.5);
  expect(await timeOf(stepOf(one, prompt, next))).toBeGreaterThanOrEqual(40);
});

test("rows are the same with and without it", async () => {
  const [real, emulated] = await Promise.all(
    [{}, { emulatedForwardMs: "5+0.5" }].map(async (more) => {
      const thread = await open({ directory, ...more });
      const slotId = await thread.openSlot(greedy);
      return logitsOf((await thread.forward([stepOf(slotId, [], text)]))[0]);
    }),
  );
  expect(emulated).toEqual(real);
});

test("a step that is wrong in itself is answered at once", async () => {
  const thread = await open({ directory, emulatedForwardMs: "60000" });
  const [result] = await thread.forward([stepOf(999, [], text)]);
  expect(errorOf(result)).toEqual({ code: "not_found", message: "slot 999 is not open" });
});

test.each([
  [{ emulatedForwardMs: "soon" }, /^emulatedForwardMs must be FORWARD or .* 30\+1, got "soon"$/],
  [
    { emulatedForwardMs: "30+1", provider: "cuda" },
    /^emulatedForwardMs 30\+1 is for provider cpu only, got provider cuda$/,
  ],
])("%o is refused before anything is opened", async (options, message) => {
  expect(await failureOf(open({ directory: "/nowhere", ...options }))).toEqual({
    code: "invalid_argument",
    message: expect.stringMatching(message),
  });
});

test("the provider cpu may be named", async () => {
  const thread = await open({ directory, provider: "cpu", emulatedForwardMs: "0" });
  const slotId = await thread.openSlot(greedy);
  expect(rowsOf((await thread.forward([stepOf(slotId, [], text)]))[0])).toHaveLength(12);
});
