import { expect, test } from "vitest";
import { completionRequest, type Question } from "./request-body.ts";

const question: Question = {
  ...{ model: "storyteller", prompt: "The captain", chat: false, policy: "static:5" },
  ...{ temperature: 0.7, maxTokens: 64, seed: 3 },
};

test("a text to continue", () => {
  expect(completionRequest(question)).toEqual({
    path: "v1/completions",
    body: {
      ...{ model: "storyteller", prompt: "The captain", temperature: 0.7, max_tokens: 64, seed: 3 },
      ...{ stream: true, stream_options: { include_usage: true } },
      adaedl: { policy: "static:5", details: true },
    },
  });
});

test("a message to answer", () => {
  const { path, body } = completionRequest({ ...question, chat: true });
  expect(path).toBe("v1/chat/completions");
  expect(body).toMatchObject({ messages: [{ role: "user", content: "The captain" }] });
  expect(body).not.toHaveProperty("prompt");
});

test("what is not set is left out", () => {
  const { body } = completionRequest({ ...question, policy: "", seed: undefined });
  expect(body.adaedl).toEqual({ details: true });
  expect(body).not.toHaveProperty("seed");
});
