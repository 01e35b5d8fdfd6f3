import { expect, test } from "vitest";
import { examplesFor } from "./examples.ts";

const firstPrompt = (modelId: string, isChat = false) => examplesFor(modelId, isChat)[0]?.prompt;

test.each([
  ["storyteller-target", false, /^The captain/],
  ["storyteller-target", true, /^The captain/], // its chat template is a format, not a skill
  ["coder-target", false, /^class Stack/],
  ["Qwen3-1.7B", false, /^The capital of France/],
  ["Qwen3-1.7B", true, /\?$/],
  ["Qwen2.5-Coder-7B", false, /^The capital of France/],
])("the first example for %s (chat: %s) fits it", (modelId, isChat, prompt) => {
  expect(firstPrompt(modelId, isChat)).toMatch(prompt);
});
