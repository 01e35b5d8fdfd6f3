import { expect, test } from "vitest";
import type * as z from "zod";
import { chatRequest } from "./chat-request.ts";
import { completionsRequest } from "./completions-request.ts";

const many = <Item>(item: Item, length = 2_000): Item[] => Array(length).fill(item);
const user = (content: unknown) => ({ role: "user", content });

test.each<[what: string, schema: z.ZodType, body: object]>([
  ["prompts of no text", completionsRequest, { prompt: many(-1) }],
  ["prompts of no token", completionsRequest, { prompt: many([]) }],
  ["prompts of wrong tokens", completionsRequest, { prompt: many(many(-1), 64) }],
  ["prompts", completionsRequest, { prompt: many("a") }],
  ["stop strings", completionsRequest, { prompt: "a", stop: many("") }],
  ["biases", completionsRequest, { prompt: "a", logit_bias: { ...many(999) } }],
  ["messages", chatRequest, { messages: many(0) }],
  ["empty messages", chatRequest, { messages: many({}) }],
  ["parts of text", chatRequest, { messages: [user(many(0))] }],
  ["messages of parts", chatRequest, { messages: many(user(many({}, 20))) }],
  ["more messages than are taken", chatRequest, { messages: many(user("a"), 2_049) }],
])("%s that are wrong have a few issues, however many they are", (_, schema, body) => {
  const { error } = schema.safeParse(body);
  expect(error?.issues.length).toBe(1);
  expect(numIssues(error?.issues ?? [])).toBeLessThan(20);
});

/** With those of the alternatives of a union. */
function numIssues(issues: readonly z.core.$ZodIssue[]): number {
  return issues.reduce((sum, issue) => {
    const inner = issue.code === "invalid_union" ? issue.errors.flat() : [];
    return sum + 1 + numIssues(inner);
  }, 0);
}
