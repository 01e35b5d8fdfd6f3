import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CommitReport } from "@adaedl/core";
import { examplePair } from "@adaedl/example-models";
import type { ModelTokenizer } from "@adaedl/model";
import { type ModelThread, openModelThread } from "@adaedl/runtime";
import { readModelTensors, writeSafetensors } from "@adaedl/testing";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { openBranchingDrafter } from "./drafting/branching-drafter.ts";
import { countingSlots, createTinyModels } from "./engine.cases.ts";
import { type GenerationEvent, type GenerationParts, generate } from "./generate.ts";
import type { GenerationRequest } from "./generation-request.ts";
import { localVerifier } from "./local-verifier.ts";
import { openSpeculator } from "./speculator.ts";
import { TargetEngine } from "./target/target-engine.ts";
import { readTargetFacts } from "./target-facts.ts";

const pair = examplePair("storyteller");
const open = (directory: string) => openModelThread({ directory, numThreads: 1 });
let threads: ModelThread[];
let parts: GenerationParts;
let numOpenSlots: () => number;

beforeAll(async () => {
  const [target, draft] = await Promise.all([open(pair.target), open(pair.draft)]);
  threads = [target, draft];
  const counted = [countingSlots(target), countingSlots(draft)] as const;
  numOpenSlots = () => counted[0].numOpen() + counted[1].numOpen();
  const engine = new TargetEngine(counted[0].thread, { cacheBytes: 1 << 30, maxSessions: 16 });
  parts = {
    openVerifier: (_, terms) => localVerifier(engine, terms),
    drafters: [
      {
        kind: "model",
        open: (settings, width, signal) =>
          openBranchingDrafter(counted[1].thread, settings, { width }, signal),
      },
    ],
    facts: await readTargetFacts(pair.target),
  };
});
afterAll(async () => {
  await Promise.all(threads.map((thread) => thread.close()));
});

const anyRequest: GenerationRequest = {
  promptTokenIds: [0, 310, 271, 900],
  maxTokens: 40,
  seed: 3,
  ignoreEos: true,
};

async function collect(events: AsyncIterable<GenerationEvent>) {
  const collected: GenerationEvent[] = [];
  for await (const event of events) collected.push(event);
  return collected;
}

const tokenIdsOf = (events: readonly GenerationEvent[]) =>
  events.flatMap((event) => (event.type === "token" ? [event.tokenId] : []));

describe("a generation", () => {
  it("ends with one finished event whose counts agree with the tokens", async () => {
    const events = await collect(generate(parts, anyRequest));
    const last = events.at(-1);
    if (last?.type !== "finished") throw new Error("no finished event");
    const tokens = events.flatMap((event) => (event.type === "token" ? [event] : []));
    expect(tokens).toHaveLength(40);
    expect(last.finishReason).toBe("length");
    const { numCommits, numTargetForwards } = last.statistics;
    expect(numTargetForwards).toBe(numCommits + 1); // and the prompt's
    expect(tokens.filter((token) => token.origin === "accepted")).toHaveLength(
      last.statistics.numAccepted,
    );
  });

  it("reports its commits on request, and is otherwise the same", async () => {
    const request = { ...anyRequest, policy: "adaedl" };
    const quiet = await collect(generate(parts, request));
    const reports: CommitReport[] = [];
    const rest: GenerationEvent[] = [];
    for await (const event of generate(parts, { ...request, wantsDetails: true }))
      if (event.type === "commit") reports.push(event);
      else if (event.type !== "frontier") rest.push(event);
    expect(rest.slice(0, -1)).toEqual(quiet.slice(0, -1));
    const last = rest.at(-1);
    if (last?.type !== "finished") throw new Error("no finished event");
    expect(reports).toHaveLength(last.statistics.numCommits);
    const numDraftTokens = reports.reduce((sum, { draftTokens }) => sum + draftTokens.length, 0);
    expect(numDraftTokens).toBe(last.statistics.numDrafted);
  });

  it("is undisturbed by seven others at the same time", async () => {
    const requests = Array.from({ length: 8 }, (_, seed) => ({
      ...anyRequest,
      seed,
      promptTokenIds: anyRequest.promptTokenIds.slice(0, 1 + (seed % 4)),
      policy: ["none", "static:3", "adaedl"][seed % 3],
    }));
    const alone: number[][] = [];
    for (const one of requests) alone.push(tokenIdsOf(await collect(generate(parts, one))));
    const together = await Promise.all(requests.map((one) => collect(generate(parts, one))));
    expect(together.map(tokenIdsOf)).toEqual(alone);
  });

  it("frees its slots when it ends, is broken off, aborted or refused", async () => {
    await collect(generate(parts, anyRequest));
    for await (const event of generate(parts, anyRequest)) if (event.type === "token") break;

    const controller = new AbortController();
    const aborted = (async () => {
      for await (const _ of generate(parts, anyRequest, controller.signal)) controller.abort();
    })();
    await expect(aborted).rejects.toMatchObject({ code: "cancelled" });
    await expect(collect(generate(parts, { ...anyRequest, seed: -1 }))).rejects.toThrow("seed");
    const late = generate(parts, anyRequest, AbortSignal.timeout(5));
    await expect(collect(late)).rejects.toMatchObject({ code: "deadline_exceeded" });
    await expect.poll(numOpenSlots).toBe(0); // the engine does not wait for the thread
  });

  it("runs plainly without asking the draft when the policy or the caller says so", async () => {
    for (const plain of [{ policy: "none" }, { maxDraft: 0 }]) {
      const events = await collect(generate(parts, { ...anyRequest, ...plain }));
      expect(events.at(-1)).toMatchObject({ numDraftForwards: 0, statistics: { numDrafted: 0 } });
    }
  });
});

describe("a draft model with fewer rows than the target", () => {
  it.each(["shared-noise", "rejection"])("drafts where it can (%s)", async (verification) => {
    const models = createTinyModels();
    await models.open("target", { architecture: "llama", vocabSize: 340, contextLength: 200 });
    await models.open("draft", { architecture: "llama", seed: 2, vocabSize: 300 });
    const model = (name: string) => ({ directory: models.directory(name), numThreads: 1 });
    await using speculator = await openSpeculator({
      target: model("target"),
      draft: model("draft"),
    });
    const sampling = { temperature: 3, topP: 1 };
    const request = { promptTokenIds: [1, 2], maxTokens: 100, ignoreEos: true, sampling };
    const drafted = await collect(
      speculator.generate({ ...request, verification, policy: "static:3" }),
    );
    expect(drafted.at(-1)).toMatchObject({ type: "finished", finishReason: "length" });
    expect(tokenIdsOf(drafted).some((tokenId) => tokenId >= 300)).toBe(true);
    if (verification === "shared-noise")
      expect(tokenIdsOf(drafted)).toEqual(
        tokenIdsOf(await collect(speculator.generate({ ...request, policy: "none" }))),
      );
    await models.close();
  });
});

/** The built-in target with rows and tokens of no use after all others. */
function writeLargerTarget(numMore: number): string {
  const directory = mkdtempSync(join(tmpdir(), "adaedl-larger-"));
  cpSync(pair.target, directory, { recursive: true });
  const edit = (file: string, change: (json: Record<string, unknown>) => object) => {
    const path = join(directory, file);
    writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, "utf8")))));
  };
  const embedding = "model.embed_tokens.weight";
  const tensors = [...readModelTensors(pair.target)].map(([name, { shape, values }]) => {
    if (name !== embedding) return { name, shape, values, dtype: "F16" as const };
    const [numRows = 0, width = 0] = shape;
    const padded = new Float64Array((numRows + numMore) * width);
    padded.set(values);
    return { name, shape: [numRows + numMore, width], values: padded, dtype: "F16" as const };
  });
  writeSafetensors(join(directory, "model.safetensors"), tensors);
  edit("config.json", (config) => ({ ...config, vocab_size: 4096 + numMore }));
  edit("tokenizer.json", (json) => ({
    ...json,
    added_tokens: [
      ...(json.added_tokens as object[]),
      ...Array.from({ length: numMore }, (_, index) => ({
        ...{ id: 4096 + index, content: `<more-${index}>`, special: true },
        ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
      })),
    ],
  }));
  return directory;
}

describe("a target with 64 tokens more than the draft", () => {
  it("accepts what it would without them", async () => {
    const draft = { directory: pair.draft, numThreads: 1 };
    const directory = writeLargerTarget(64);
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const target = { directory, numThreads: 1 };
    await using larger = await openSpeculator({ target, draft });
    expect(larger.facts.vocabSize).toBe(4160);
    for (const temperature of [0, 1]) {
      const request = { ...anyRequest, policy: "static:4", sampling: { temperature } };
      const [expected, events] = await Promise.all([
        collect(generate(parts, request)),
        collect(larger.generate(request)),
      ]);
      expect(tokenIdsOf(events)).toEqual(tokenIdsOf(expected));
      const [with64, without] = [events.at(-1), expected.at(-1)];
      if (with64?.type !== "finished" || without?.type !== "finished")
        throw new Error("no finished event");
      expect(with64.statistics.numAccepted).toBe(without.statistics.numAccepted);
      expect(with64.statistics.numDrafted).toBe(without.statistics.numDrafted);
    }
  });
});

describe("a draft model of another vocabulary", () => {
  it("drafts for the target, whose text stays the same", async () => {
    const model = (directory: string) => ({ directory, numThreads: 1 });
    await using speculator = await openSpeculator({
      target: model(pair.target),
      draft: model(examplePair("coder").draft),
    });
    const promptTokenIds = speculator.facts.tokenizer.encode("Once upon a time,");
    for (const temperature of [0, 1]) {
      const request = { promptTokenIds, seed: 5, maxTokens: 60, sampling: { temperature } };
      const plain = tokenIdsOf(await collect(generate(parts, { ...request, policy: "none" })));
      for (const policy of ["stream", "static:4"]) {
        const events = await collect(speculator.generate({ ...request, policy }));
        expect(tokenIdsOf(events)).toEqual(plain);
        const last = events.at(-1);
        if (last?.type !== "finished") throw new Error("no finished event");
        expect(last.numDraftForwards).toBeGreaterThan(5);
        if (policy === "static:4") expect(last.statistics.numAccepted).toBeGreaterThan(0);
      }
    }
  });
});

describe("openSpeculator", () => {
  it("refuses the drafter model without a draft model before anything is read", async () => {
    const target = { directory: "/missing" };
    const opened = openSpeculator({ target, drafters: ["model", "suffix"] });
    await expect(opened).rejects.toThrow("drafters must not name model without a draft model");
  });

  it("leaves no model open when the second cannot be opened", async () => {
    const target = { directory: pair.target };
    const draft = { directory: pair.draft, provider: "nonsense" };
    await expect(openSpeculator({ target, draft })).rejects.toThrow("provider nonsense");
  });

  it("reads a corpus no further when a model cannot be opened", async () => {
    const target = { directory: pair.target, provider: "nonsense" };
    const { tokenizer, ...facts } = await readTargetFacts(pair.target);
    const encodeInTurns: ModelTokenizer["encodeInTurns"] = (_, { signal } = {}) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
    const endless = { ...facts, tokenizer: { ...tokenizer, encodeInTurns } };
    await expect(
      openSpeculator({ target, drafters: ["aded"], corpus: "some", facts: endless }),
    ).rejects.toThrow("provider nonsense");
  });
});
