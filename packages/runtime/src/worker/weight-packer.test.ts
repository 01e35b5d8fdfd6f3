import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type WeightPrecision, weightPrecisions } from "@adaedl/core";
import { writeTinyModel } from "@adaedl/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ModelBackend } from "./model-backend.ts";
import { weightPacker } from "./session-options.ts";
import { openSlotGraph } from "./slot-graph-backend.ts";

const signal = new AbortController().signal;
const packer = { ...weightPacker(), leastBytes: 0 };
const unpacked = { ...packer, leastBytes: Number.POSITIVE_INFINITY };

/** Packed weights begin at a page. */
const pageBytes = 4096;

let folder: string;
let directory: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "adaedl-packer-"));
  // Sizes that are no multiples of what kernels take at a time, and products with and without a bias.
  directory = writeTinyModel(join(folder, "model"), {
    ...{ architecture: "qwen2", hiddenSize: 72, intermediateSize: 200, vocabSize: 333 },
  }).directory;
});
afterAll(() => rmSync(folder, { recursive: true }));

const open = (weights: WeightPrecision, by: typeof packer) =>
  openSlotGraph({ directory, weights, cacheDirectory: join(folder, "cache") }, signal, by);

/** All logits of some sessions, a few tokens at a time. */
async function logitsOf(backend: ModelBackend): Promise<Buffer> {
  const results: Buffer[] = [];
  for (const numSessions of [1, 2, 3, 8]) {
    const caches = Array.from({ length: numSessions }, () => backend.createCache());
    for (const numTokens of [5, 1, 16]) {
      const tokenIds = Array.from({ length: numTokens }, (_, index) => (index * 31 + 7) % 333);
      const rows = tokenIds.map((_, index) => index);
      const step = { tokenIds, rows, temperature: 1, needsLogits: true };
      for (const row of (await backend.forward(caches.map((cache) => ({ ...step, cache })))).flat())
        results.push(Buffer.from(Float32Array.from(row.logits ?? []).buffer));
    }
  }
  return Buffer.concat(results);
}

describe.each(weightPrecisions)("%s weights that were packed before", (weights) => {
  test("are read where the file is mapped, and give the bits of those that each graph packs", async () => {
    const [before, after] = [await open(weights, unpacked), await open(weights, packer)];
    try {
      const [expected, results] = [await logitsOf(before), await logitsOf(after)];
      expect(results.equals(expected)).toBe(true);
      if (process.platform !== "linux") return;
      const files = weightFiles().filter((file) => file.includes(`-${weights}-`));
      const [smaller = 0, larger = 0] = files
        .map((file) => statSync(file).size)
        .sort((a, b) => a - b);
      const packedBytes = larger - pageBytes * Math.ceil(smaller / pageBytes);
      expect(packedBytes).toBeGreaterThan(smaller / 2);
      expect(mappedBytes(files, smaller)).toBeGreaterThanOrEqual(packedBytes);
    } finally {
      await before.close();
      await after.close();
    }
  });
});

function weightFiles(): string[] {
  const graphs = join(folder, "cache", "graphs");
  return readdirSync(graphs).map((entry) => join(graphs, entry, "weights.bin"));
}

/** Bytes behind `begin` in these files that this process has read through a mapping. */
function mappedBytes(files: readonly string[], begin: number): number {
  let total = 0;
  let isCounted = false;
  for (const line of readFileSync("/proc/self/smaps", "utf8").split("\n")) {
    const [, offset, path] = /^[0-9a-f]+-[0-9a-f]+ \S+ (\S+) \S+ \S+ +(.*)$/.exec(line) ?? [];
    if (offset !== undefined)
      isCounted = files.includes(path ?? "") && Number.parseInt(offset, 16) >= begin;
    const [, kilobytes] = /^Rss: +(\d+) kB$/.exec(line) ?? [];
    if (isCounted) total += Number(kilobytes ?? 0) * 1024;
  }
  return total;
}
