import { expect, test, vi } from "vitest";
import { createPromptEncoder } from "./encode-prompt.ts";

const tokens = ["a", "bb", "cccc", undefined];
const contextLength = 10;

function encoderOf(kind: string) {
  const encode = vi.fn(async (_: string) => [0]);
  const tokenizer = {
    ...{ kind, vocabSize: tokens.length },
    bytesOf: (id: number) => Buffer.from(tokens[id] ?? ""),
  };
  const writeChat = async ([{ content = "" } = {}]: readonly { content?: string }[]) => content;
  const facts = { tokenizer, contextLength } as never;
  return { encodePrompt: createPromptEncoder(facts, { encode, writeChat }), encode };
}

const text = (length: number) => "c".repeat(length);
const promptsOf = (content: string) =>
  [
    { type: "text", text: content },
    { type: "chat", messages: [{ role: "user", content }] },
  ] as const;

test.each(["byte-level BPE", "BPE with byte fallback"])(
  "%s: a text that cannot fit is refused before it is encoded",
  async (kind) => {
    const { encodePrompt, encode } = encoderOf(kind);
    for (const prompt of promptsOf(text(41)))
      await expect(encodePrompt(prompt)).rejects.toMatchObject({
        code: "out_of_range",
        message: "prompt must be shorter than the context here, 10 tokens, got 41 bytes",
        field: "prompt",
        value: 41,
      });
    expect(encode).not.toHaveBeenCalled();
    for (const prompt of promptsOf(text(40))) await encodePrompt(prompt);
    expect(encode).toHaveBeenCalledTimes(2);
  },
);

test("where any number of characters may be one unknown token, every text is encoded", async () => {
  const { encodePrompt, encode } = encoderOf("WordPiece");
  for (const prompt of promptsOf(text(1_000))) await encodePrompt(prompt);
  expect(encode).toHaveBeenCalledTimes(2);
});

test("a conversation that cannot fit is refused before it is written", async () => {
  const { encodePrompt, encode } = encoderOf("WordPiece");
  const chat = (length: number) => {
    const messages = Array.from({ length }, () => ({ role: "user", content: "" }));
    return encodePrompt({ type: "chat", messages });
  };
  await expect(chat(11)).rejects.toMatchObject({
    code: "out_of_range",
    message: "prompt must be shorter than the context here, 10 tokens, got 11 messages",
    field: "prompt",
    value: 11,
  });
  expect(encode).not.toHaveBeenCalled();
  await chat(10);
  expect(encode).toHaveBeenCalledTimes(1);
});
