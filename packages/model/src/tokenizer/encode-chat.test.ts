import { expect, test } from "vitest";
import { encodeChat } from "./encode-chat.ts";
import { loadTokenizer } from "./load-tokenizer.ts";
import { tinyDocuments, writeTokenizer } from "./tokenizer-directory.cases.ts";

const messages = [{ role: "user", content: "the" }];

test("a conversation is encoded as the template writes it, with one bos", async () => {
  const chat = "{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}";
  const files = { "chat_template.jinja": `${chat}{% if add_generation_prompt %} hello{% endif %}` };
  const tokenizer = await loadTokenizer(await writeTokenizer(tinyDocuments("byte-level"), files));
  expect(encodeChat(tokenizer, messages)).toEqual(tokenizer.encode("the hello"));
});

test("without a template the error names what to do", async () => {
  const tokenizer = await loadTokenizer(await writeTokenizer(tinyDocuments("byte-level")));
  expect(() => encodeChat(tokenizer, messages)).toThrow(
    expect.objectContaining({
      code: "invalid_argument",
      field: "messages",
      message:
        "this model has no chat template: send a plain prompt, or add a chat_template.jinja to " +
        "the model's directory",
    }),
  );
});
