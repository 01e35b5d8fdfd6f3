import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeTinyModel } from "@adaedl/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ServiceProcess, startServiceProcess } from "../network/service-process.ts";
import { type GatewayProcess, startGatewayProcess } from "./gateway-process.ts";
import { memoryLimit, peakMemory } from "./memory.ts";
import { type OtherStreams, otherStreams } from "./other-streams.ts";
import { expectShortWait } from "./soak.ts";

// A megabyte of text is a request like any other: refused with its limit or answered, and whoever else
// writes a text gets it.

const contextLength = 8_192;
const numAdded = 500;
const megabyte = (text: string) =>
  text.repeat(Math.floor(1_000_000 / (Buffer.byteLength(JSON.stringify(text)) - 2)));

let folder: string;
let gateway: GatewayProcess;
let draft: ServiceProcess;
let others: OtherStreams;
const services: ServiceProcess[] = [];

/**
 * Its longest token has 4,096 letters: no megabyte is too long by its bytes, so that all are encoded. Its
 * pattern tracks back without end in a text of x and y without a z.
 */
function writeModel(directory: string): void {
  writeTinyModel(directory, { architecture: "llama", contextLength, vocabSize: 1_024 });
  const file = join(directory, "tokenizer.json");
  const document = JSON.parse(readFileSync(file, "utf8"));
  const { vocab, merges } = document.model;
  for (let length = 1; length < 4_096; length *= 2) {
    const half = "a".repeat(length);
    merges.push(`${half} ${half}`);
    vocab[half + half] = Object.keys(vocab).length;
  }
  const pattern = { Regex: "(?:xy|yx|x|y)+!?z" };
  const split = { type: "Split", pattern, behavior: "Isolated", invert: false };
  document.pre_tokenizer = { type: "Sequence", pretokenizers: [split, document.pre_tokenizer] };
  const [first] = document.added_tokens;
  for (let index = 0; index < numAdded; index++)
    document.added_tokens.push({
      ...{ ...first, special: false },
      ...{ id: Object.keys(vocab).length + index, content: `<slot_${index}>` },
    });
  writeFileSync(file, JSON.stringify(document));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "adaedl-long-prompts-"));
  const model = join(folder, "model");
  writeModel(model);
  const start = async (...args: string[]) => {
    const service = await startServiceProcess([...args, "--listen", "127.0.0.1:0"]);
    services.push(service);
    return service;
  };
  const verifier = await start("verifier", "--target", model, "--threads", "1");
  const { address } = verifier.ready;
  draft = await start("draft", "--draft", model, "--threads", "1", "--verifier", address);
  gateway = await startGatewayProcess(draft.ready.address, ["--max-requests", "16"]);
  others = await otherStreams(gateway.port);
}, 120_000);
afterAll(async () => {
  await gateway?.[Symbol.asyncDispose]();
  for (const service of services) await service.kill();
  await rm(folder, { recursive: true, force: true });
});

async function ask(fields: object): Promise<{ status: number; answer: string }> {
  const answer = await fetch(`http://127.0.0.1:${gateway.port}/v1/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ max_tokens: 1, seed: 1, ...fields }),
  });
  return { status: answer.status, answer: await answer.text() };
}

/** Seconds that the draft service has had a processor for: whatever else this machine does. */
function processorSeconds(): number {
  const fields = readFileSync(`/proc/${draft.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const shapes: Readonly<Record<string, string>> = {
  "words of the text": megabyte("the captain looked "),
  "one word that is no token": megabyte("q"),
  "empty lines": megabyte("\n"),
  "characters of four bytes": megabyte("🙂"),
  "added tokens": megabyte("<slot_1><slot_499>"),
  "what almost is an added token": megabyte("<slot_"),
};
test.each(Object.entries(shapes))(
  "a megabyte of %s is refused with the limit, two at a time; others get their texts",
  async (shape, prompt) => {
    const { value, longestWait } = await others.during(() =>
      Promise.all([1, 2].map((index) => ask({ prompt: `${index}${prompt}` }))),
    );
    const rule = `prompt must be shorter than the context here, ${contextLength} tokens, got `;
    for (const { status, answer } of value) {
      expect(JSON.parse(answer).error.message).toContain(rule);
      expect(status).toBe(400);
    }
    expectShortWait(shape, longestWait);
  },
  60_000,
);

/** Seconds of a processor that the draft service spends on a request. */
async function secondsOf(fields: object): Promise<number> {
  const before = processorSeconds();
  const { status } = await ask(fields);
  expect([200, 504]).toContain(status); // what takes 10 s on its way is ended
  return processorSeconds() - before;
}

test("a word of a megabyte is encoded in turns with the texts of others", async () => {
  const word = megabyte("a").slice(1);
  const alone = await secondsOf({ prompt: `b${word}` });
  const attack = () => ask({ prompt: `c${word}` });
  const { longestWait } = await others.during(attack, processorSeconds);
  // Nearly all of it is encoding: in one piece, others would wait for as much work.
  expect(longestWait).toBeLessThan(alone / 2);
  const timed = await others.during(() => ask({ prompt: `d${word}` }));
  expectShortWait("one word", timed.longestWait);
}, 60_000);

test("64 choices of a long prompt are encoded once, and take no place from others", async () => {
  const word = "a".repeat(100_000);
  const one = await secondsOf({ prompt: `b${word}` });
  const { value: all } = await others.during(() => secondsOf({ prompt: `c${word}`, n: 64 }));
  expect(all).toBeLessThan(32 * one); // each by itself: 64 times
}, 120_000);

test("a text that the pattern does not come to an end with is refused, and others get their tokens", async () => {
  const isInThread = () => draft.lines.some((line) => line.includes("it has a thread from now on"));
  for (const _ of ["meets it", "knows it"]) {
    const { value, longestWait } = await others.during(() => ask({ prompt: "xy".repeat(40) }));
    expect(value).toMatchObject({ status: 400, answer: expect.stringContaining("1000 ms") });
    expect(isInThread()).toBe(true);
    expectShortWait("a slow pattern", longestWait);
  }
}, 60_000);

test("none of it takes more memory than a container has", () => {
  expect(gateway.peakMemory()).toBeLessThan(memoryLimit);
  for (const { pid } of services) expect(peakMemory(pid)).toBeLessThan(memoryLimit);
});
