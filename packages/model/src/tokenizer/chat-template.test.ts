import { AdaedlError } from "@adaedl/core";
import { expect, test } from "vitest";
import { loadTokenizer } from "./load-tokenizer.ts";
import { tinyDocuments, writeTokenizer } from "./tokenizer-directory.cases.ts";

const CHAT_ML = `{% for message in messages %}<|im_start|>{{ message.role }}
{{ message['content'] }}<|im_end|>
{% endfor %}
{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}`;
const MESSAGES = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Hi {{ there }}" },
];

async function loadTemplate(config: Record<string, unknown>, files: Record<string, unknown> = {}) {
  const { tokenizerJson, tokenizerConfig } = tinyDocuments("byte-fallback");
  const documents = { tokenizerJson, tokenizerConfig: { ...tokenizerConfig, ...config } };
  return (await loadTokenizer(await writeTokenizer(documents, files))).chatTemplate;
}

test("a ChatML template writes the turns and opens the assistant's", async () => {
  const template = await loadTemplate({ chat_template: CHAT_ML });
  const turns =
    "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi {{ there }}<|im_end|>\n";
  expect(template?.render(MESSAGES)).toBe(`${turns}<|im_start|>assistant\n`);
});

test("special tokens reach the template as text, however they are configured", async () => {
  const template = await loadTemplate({
    chat_template: "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}{{ sep_token }}",
    bos_token: { content: "<s>", special: true },
  });
  expect(template?.render(MESSAGES)).toBe("<s>Be brief.</s>");
});

test("a rendered conversation has bos once when no special tokens are added", async () => {
  const { tokenizerJson, tokenizerConfig } = tinyDocuments("byte-fallback");
  const chat_template = "{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}";
  const tokenizer = await loadTokenizer(
    await writeTokenizer({ tokenizerJson, tokenizerConfig: { ...tokenizerConfig, chat_template } }),
  );
  const text = tokenizer.chatTemplate?.render([{ role: "user", content: "the" }]) ?? "";
  const ids = tokenizer.encode(text, { addSpecialTokens: false });
  expect(ids.filter((id) => id === tokenizer.bosTokenId)).toHaveLength(1);
});

test("tools and documents are none", async () => {
  const template = await loadTemplate({
    chat_template:
      "{% if tools is not none or documents is not none %}tools{% else %}plain{% endif %}",
  });
  expect(template?.render([])).toBe("plain");
});

test("of a list the default one is used", async () => {
  const list = [
    { name: "tool_use", template: "tools" },
    { name: "default", template: "plain" },
  ];
  expect((await loadTemplate({ chat_template: list }))?.render([])).toBe("plain");
  expect(await loadTemplate({ chat_template: list.slice(0, 1) })).toBeUndefined();
});

test("chat_template.jinja wins", async () => {
  const file = { "chat_template.jinja": "from the file" };
  expect((await loadTemplate({ chat_template: "from json" }, file))?.render([])).toBe(
    "from the file",
  );
  expect((await loadTemplate({}, file))?.render([])).toBe("from the file");
});

test("a model without a template has none", async () => {
  expect(await loadTemplate({})).toBeUndefined();
  expect(await loadTemplate({ chat_template: null })).toBeUndefined();
});

test("what the template complains about is told", async () => {
  const source = "{{ raise_exception('Roles must alternate: ' + messages[0].role) }}";
  const template = await loadTemplate({ chat_template: source });
  expect(template?.problem).toBeUndefined();
  const render = () => template?.render([{ role: "user", content: "" }]);
  expect(render).toThrow(AdaedlError);
  expect(render).toThrow(
    expect.objectContaining({
      code: "invalid_argument",
      message: "chat template: Roles must alternate: user",
    }),
  );
});

test.each([
  ["{% if %}", "Unexpected token: CloseStatement"],
  ["{{ messages | groupby('role') }}", "Unknown ArrayValue filter: groupby"],
  ["{{ range(1000000) }}", "range is longer than 100000"],
  [
    "{% for a in range(2000) %}{% for b in range(2000) %}{% endfor %}{% endfor %}",
    "takes more than 100000 steps",
  ],
  [
    "{% set ns = namespace(x='xxxxxxxx') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
    "writes more than 16777216 characters",
  ],
])("a template that cannot be used is known from the start: %j", async (source, problem) => {
  const template = await loadTemplate({ chat_template: source });
  expect(template?.problem).toBe(problem);
  expect(() => template?.render(MESSAGES)).toThrow(
    expect.objectContaining({
      code: "invalid_argument",
      message: `the model's chat template cannot be used: ${problem}`,
    }),
  );
});
