import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SamplingParams } from "@adaedl/core";
import { createTestRandom, greedyDecode, loadReferenceModel } from "@adaedl/testing";
import { describe, expect, test } from "vitest";
import type { ModelThread } from "../model-thread.ts";
import {
  errorOf,
  evidenceNear,
  failureOf,
  greedy,
  logitsOf,
  newPath,
  open,
  randomTokens,
  rowsOf,
  sampled,
  stepOf,
  writeTiny,
} from "../open-thread.cases.ts";
import { encodeOnnx } from "./onnx-writer.cases.ts";
import { type ExportOptions, writeExport } from "./optimum-export.cases.ts";

const model = { contextLength: 150, seed: 3 };
const reference = loadReferenceModel(writeTiny({ architecture: "llama", ...model }));
const text = randomTokens(1, 150);
const expected = reference.logits(text);

function writeModel(options: ExportOptions = {}): string {
  const directory = newPath();
  writeExport(directory, model, options);
  return directory;
}

const variants: [name: string, options: ExportOptions][] = [
  ["onnx/model.onnx", {}],
  ["model.onnx", { path: "model.onnx" }],
  [
    "a merged decoder in onnx/decoder_model_merged.onnx",
    { path: "onnx/decoder_model_merged.onnx", isMerged: true },
  ],
  [
    "a merged decoder in decoder_model_merged.onnx",
    { path: "decoder_model_merged.onnx", isMerged: true },
  ],
  ["an export without position_ids", { countsPositions: true }],
];

describe.each(variants)("%s", async (_, options) => {
  const thread = await open({ directory: writeModel(options) });

  test("logits are the reference's, in pieces of any size up to the limit", async () => {
    expect(thread.info).toMatchObject({
      format: "onnx-export",
      vocabSize: 300,
      contextLength: 150,
      provider: "cpu",
    });
    const random = createTestRandom(1);
    const slotId = await thread.openSlot(greedy);
    const rows: Float32Array[] = [];
    while (rows.length < text.length) {
      const end = rows.length + 1 + random.integer(30);
      rows.push(...(await logitsAfter(thread, slotId, rows.length, text.slice(rows.length, end))));
    }
    expect(largestError(rows, expected)).toBeLessThan(1e-4);
    const [result] = await thread.forward([stepOf(slotId, text, [1])]);
    expect(errorOf(result)).toEqual({
      code: "out_of_range",
      message: "151 tokens do not fit into the model's context of 150",
    });
  });

  test("a slot that was rolled back goes on as if nothing had been", async () => {
    const slotId = await thread.openSlot(greedy);
    await thread.forward([stepOf(slotId, [], text.slice(0, 140), [])]);
    for (const length of [130, 60, 1, 0]) {
      const astray = stepOf(slotId, text.slice(0, length), randomTokens(length, 9), []);
      rowsOf((await thread.forward([astray]))[0]);
      const rows = await logitsAfter(thread, slotId, length, text.slice(length, length + 20));
      expect(largestError(rows, expected.slice(length, length + 20))).toBeLessThan(1e-4);
      await thread.forward([stepOf(slotId, text.slice(0, length), text.slice(length, 140), [])]);
    }
  });

  test("slots of different lengths share a forward, and one that fails fails alone", async () => {
    const lengths = [0, 5, 77];
    const slots = await Promise.all(lengths.map(() => thread.openSlot(greedy)));
    for (const [index, length] of lengths.entries())
      if (length > 0)
        await thread.forward([stepOf(slots[index] as number, [], text.slice(0, length), [])]);
    const steps = lengths.map((length, index) =>
      stepOf(slots[index] as number, text.slice(0, length), text.slice(length, length + 3 + index)),
    );
    const results = await thread.forward([
      ...steps.slice(0, 1),
      stepOf(999, [], [1]),
      ...steps.slice(1),
    ]);
    expect(errorOf(results[1])).toEqual({ code: "not_found", message: "slot 999 is not open" });
    for (const [index, result] of [results[0], results[2], results[3]].entries()) {
      const length = lengths[index] as number;
      const error = largestError(logitsOf(result), expected.slice(length, length + 3 + index));
      expect(error).toBeLessThan(1e-4);
    }
  });
});

describe("tokens", () => {
  test("are guessed greedily as by the reference, and judged", async () => {
    const thread = await open({ directory: writeModel() });
    const prompt = text.slice(0, 12);
    const continuation = greedyDecode(reference, prompt, 10);
    const sequence = [...prompt, ...continuation];
    const slotId = await thread.openSlot(greedy);
    const reads = continuation.map((tokenId, index) => {
      const at = prompt.length - 1 + index;
      return index % 2 === 0
        ? ({ kind: "guess", index: at } as const)
        : ({ kind: "judge", index: at, guess: { tokenId } } as const);
    });
    const [result] = await thread.forward([stepOf(slotId, [], sequence, reads)]);
    const tokens = rowsOf(result).map((row) => {
      if (row.kind === "guess") return row.guess.tokenId;
      return row.kind === "judge" && row.judgement.isAccepted ? row.judgement.tokenId : -1;
    });
    expect(tokens).toEqual(continuation);
  });

  test("are sampled as from our own graph", async () => {
    const own = await open({ directory: writeTiny({ architecture: "llama", ...model }) });
    const exported = await open({ directory: writeModel() });
    const reads = text.map((_, index) => ({ kind: "guess", index }) as const);
    const guess = async (thread: ModelThread, sampling: Partial<SamplingParams>) => {
      const settings = { ...sampled, sampling: { ...sampled.sampling, ...sampling } };
      const slotId = await thread.openSlot(settings);
      return rowsOf((await thread.forward([stepOf(slotId, [], text, reads)]))[0]);
    };
    for (const sampling of [{}, { topK: 5 }, { topP: 0.7 }, { repetitionPenalty: 1.3 }]) {
      const rows = await guess(exported, sampling);
      expect(rows).toHaveLength(150);
      // Noise decides by far more than the graphs differ.
      expect(rows).toEqual(
        (await guess(own, sampling)).map((row) =>
          row.kind === "guess" ? { ...row, evidence: evidenceNear(row.evidence, 3) } : row,
        ),
      );
    }
  });
});

test("several candidates are those of our own graph, also in a slot that was forked", async () => {
  const own = await open({ directory: writeTiny({ architecture: "llama", ...model }) });
  const exported = await open({ directory: writeModel() });
  for (const settings of [greedy, sampled]) {
    const [places, theirs] = await Promise.all(
      [own, exported].map(async (thread) => {
        const first = await thread.openSlot(settings);
        await thread.forward([stepOf(first, [], text.slice(0, 50), [])]);
        const slotId = await thread.forkSlot(first);
        const rest = text.slice(50);
        const reads = rest.map((_, index) => ({ kind: "propose", index, count: 3 }) as const);
        const rows = rowsOf(
          (await thread.forward([stepOf(slotId, text.slice(0, 50), rest, reads)]))[0],
        );
        return rows.map((row) =>
          row.kind === "propose" ? row.place.candidates.map(({ tokenId }) => tokenId) : [],
        );
      }),
    );
    expect(theirs).toEqual(places);
    expect(places?.every((tokenIds) => new Set(tokenIds).size === 3)).toBe(true);
  }
});

describe("refused", () => {
  test("a cache of float16", async () => {
    const directory = writeModel({ cacheType: "float16" });
    const file = join(directory, "onnx/model.onnx");
    expect(await failureOf(open({ directory }))).toEqual({
      code: "unimplemented",
      message: `${file}: input past_key_values.0.key must be float32 with fixed heads and head size (export without fp16)`,
    });
  });

  test("a graph without a cache", async () => {
    const directory = writeModel({ hasNoCache: true });
    const file = join(directory, "onnx/model.onnx");
    expect(await failureOf(open({ directory }))).toEqual({
      code: "unimplemented",
      message: `${file} is not a decoder with a cache: it needs inputs past_key_values.N.key/value and outputs present.N.key/value and logits`,
    });
  });

  test("a graph that takes a cache and returns none", async () => {
    const directory = writeModel();
    const file = join(directory, "onnx/model.onnx");
    const past = {
      name: "past_key_values.0.key",
      type: "float32",
      dims: [1, 2, "past", 8],
    } as const;
    const logits = { ...past, name: "logits" };
    const nodes = [{ op: "Identity", inputs: [past.name], outputs: ["logits"] }];
    writeFileSync(file, encodeOnnx({ nodes, inputs: [past], outputs: [logits] }));
    expect(await failureOf(open({ directory }))).toEqual({
      code: "unimplemented",
      message: `${file} is not a decoder with a cache: it needs inputs past_key_values.N.key/value and outputs present.N.key/value and logits`,
    });
  });

  test("a file that is no graph", async () => {
    const directory = writeModel();
    const file = join(directory, "onnx/model.onnx");
    writeFileSync(file, "not a graph");
    expect(await failureOf(open({ directory }))).toEqual({
      code: "failed_precondition",
      message: expect.stringContaining(`provider cpu cannot run ${file}: `),
    });
  });
});

async function logitsAfter(
  thread: ModelThread,
  slotId: number,
  numKept: number,
  tokenIds: readonly number[],
): Promise<Float32Array[]> {
  const [result] = await thread.forward([stepOf(slotId, text.slice(0, numKept), tokenIds)]);
  return logitsOf(result);
}

/** Largest difference in any row over the row's largest absolute logit. */
function largestError(rows: readonly Float32Array[], references: readonly Float64Array[]): number {
  if (rows.length !== references.length) return Number.POSITIVE_INFINITY;
  const errors = rows.map((row, index) => {
    const reference = references[index] ?? new Float64Array();
    const differences = reference.map((value, id) => Math.abs(value - (row[id] as number)));
    return Math.max(...differences) / Math.max(...reference.map(Math.abs));
  });
  return Math.max(...errors);
}
