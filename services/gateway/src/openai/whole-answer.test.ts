import type { GenerateEvent } from "@adaedl/protocol";
import { expect, test, vi } from "vitest";
import { chatDialect } from "./dialects.ts";
import { wholeAnswer } from "./whole-answer.ts";

test("what is told of a token is written as it comes, and nothing is left for the end", async () => {
  const numTokens = 50;
  const logprobs = vi.fn(chatDialect.logprobs);
  const bytes = Buffer.from("é");
  async function* events() {
    const eventOf = (event: object) => ({ index: 0, event: event as GenerateEvent });
    yield eventOf({ type: "started" });
    for (let number = 0; number < numTokens; number++) {
      yield eventOf({ type: "token", text: "é", bytes, logprob: -number });
      expect(logprobs.mock.lastCall?.[0]).toHaveLength(1);
      expect(logprobs).toHaveBeenCalledTimes(2 + number); // and once for none
    }
    yield eventOf({ type: "finished", finishReason: "stop", statistics: {} });
  }
  const job = { choices: [{}], wantsLogprobs: true, wantsDetails: false, numPerPrompt: 1 };
  const memory = { hold: () => {}, release: () => {} };
  const dialect = { ...chatDialect, logprobs };
  const written = await wholeAnswer(job as never, dialect, {} as never, events(), memory);
  expect(logprobs).toHaveBeenCalledTimes(1 + numTokens);
  const { message, logprobs: told } = JSON.parse(written.toString()).choices[0];
  expect(message.content).toBe("é".repeat(numTokens));
  expect(told.content.map(({ logprob }: { logprob: number }) => Math.abs(logprob))).toEqual([
    ...Array(numTokens).keys(),
  ]);
});
