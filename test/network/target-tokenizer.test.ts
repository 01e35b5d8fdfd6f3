import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunningDraftService } from "@adaedl/draft-service";
import { openSpeculator, type Speculator } from "@adaedl/engine";
import {
  type GenerateRequest,
  openGenerationClient,
  openVerificationClient,
} from "@adaedl/protocol";
import { writeTinyModel } from "@adaedl/testing";
import type { RunningVerifier } from "@adaedl/verifier";
import { afterAll, beforeAll, expect, test } from "vitest";
import { generateAt, startTestDraftService, startTestVerifier } from "./start-services.ts";

/** A target with a chat template, a begin token, and one token more than the draft. */
const folder = mkdtempSync(join(tmpdir(), "adaedl-tokenizers-"));
const cacheDirectory = join(folder, "cache");
const open = (name: string) => ({ directory: join(folder, name), numThreads: 1, cacheDirectory });
let verifier: RunningVerifier;
let service: RunningDraftService;
let local: Speculator;
beforeAll(async () => {
  const size = { architecture: "llama", contextLength: 200 } as const;
  const chatTemplate = "{{ bos_token }}<more>{{ messages[0].content }}<more>";
  const { options } = writeTinyModel(join(folder, "draft"), { ...size, chatTemplate: "{{ 1 }}" });
  const vocabSize = options.vocabSize + 1;
  writeTinyModel(join(folder, "target"), { ...size, vocabSize, chatTemplate });
  change("target", "tokenizer.json", ({ added_tokens }) =>
    added_tokens.push({ id: options.vocabSize, content: "<more>", special: true }),
  );
  change("draft", "tokenizer.json", (json) => Object.assign(json, { post_processor: null }));
  verifier = await startTestVerifier({ target: open("target") });
  service = await startTestDraftService([verifier.address], { draft: open("draft") });
  local = await openSpeculator({ target: open("target"), draft: open("draft") });
});
afterAll(async () => {
  await service?.close();
  await verifier?.close();
  await local?.close();
  rmSync(folder, { recursive: true, force: true });
});

// biome-ignore lint/suspicious/noExplicitAny: a JSON document that is taken apart
function change(name: string, file: string, edit: (json: any) => void): void {
  const path = join(folder, name, file);
  const json = JSON.parse(readFileSync(path, "utf8"));
  edit(json);
  writeFileSync(path, JSON.stringify(json));
}

const fields = {
  maxTokens: 30,
  seed: 4,
  ignoreEos: true,
  policy: "static:3",
  wantsPrompt: true,
} as const;
const requests: readonly GenerateRequest[] = [
  { ...fields, prompt: { type: "text", text: "Hello <more> world" } },
  { ...fields, prompt: { type: "chat", messages: [{ role: "user", content: "Hello" }] } },
];

test("prompts, chats and texts are those of the local pair", async () => {
  const { tokenizer } = local.facts;
  const expectedPrompts = [
    tokenizer.encode("Hello <more> world"),
    tokenizer.encode("<|endoftext|><more>Hello<more>", { addSpecialTokens: false }),
  ];
  const client = openGenerationClient({ address: service.address });
  for (const [index, request] of requests.entries()) {
    let text = "";
    for await (const event of client.generate(request)) {
      if (event.type === "started") expect(event.promptTokenIds).toEqual(expectedPrompts[index]);
      if (event.type === "token") text += event.text;
      if (event.type !== "finished") continue;
      // It drafts, and well, although the prompt has a token that it lacks.
      expect(event.statistics.numDrafted).toBeGreaterThan(10);
      expect(event.statistics.numAccepted).toBeGreaterThan(2);
    }
    const { prompt: _, wantsPrompt: __, ...rest } = request;
    const promptTokenIds = expectedPrompts[index] ?? [];
    let expected = "";
    for await (const event of local.generate({ ...rest, promptTokenIds }))
      if (event.type === "token") expected += event.text;
    expect(text).toBe(expected);
  }
  client.close();
});

test("the rejection rule drafts from the tokens that both have", async () => {
  const asked = { ...requests[0], verification: "rejection" } as GenerateRequest;
  const { tokenIds, finished } = await generateAt(service.address, asked);
  expect(tokenIds).toHaveLength(fields.maxTokens);
  expect(finished.statistics.numDrafted).toBeGreaterThan(10);
});

test("a digest that is not the target's is refused", async () => {
  const client = openVerificationClient({ address: verifier.address });
  const { tokenizerDigest } = (await client.describe(5_000)).vocabulary;
  expect((await client.getTokenizer(tokenizerDigest, 5_000)).length).toBeGreaterThan(1_000);
  await expect(client.getTokenizer("other", 5_000)).rejects.toMatchObject({
    code: "failed_precondition",
    message: `tokenizerDigest must be the verifier's, ${tokenizerDigest}, got other`,
  });
  client.close();
});
