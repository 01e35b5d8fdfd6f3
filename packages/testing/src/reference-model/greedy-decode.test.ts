import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { writeTinyModel } from "../tiny-model/write-tiny-model.ts";
import { greedyDecode } from "./greedy-decode.ts";
import { loadReferenceModel } from "./load-reference-model.ts";

const root = mkdtempSync(join(tmpdir(), "greedy-decode-"));
afterAll(() => rmSync(root, { recursive: true }));

test("ties go to the lowest id and the new tokens come back alone", () => {
  // Predicts one and two more than the number of tokens, equally likely.
  const logits = (tokenIds: readonly number[]) =>
    tokenIds.map((_, position) =>
      Float64Array.from({ length: 9 }, (_, id) =>
        Number(id === position + 2 || id === position + 3),
      ),
    );
  expect(greedyDecode({ logits }, [7, 7], 3)).toEqual([3, 4, 5]);
  expect(greedyDecode({ logits }, [7, 7], 0)).toEqual([]);
  expect(() => greedyDecode({ logits }, [], 1)).toThrow(new RangeError("the prompt is empty"));
});

test.each(["llama", "mistral", "qwen2", "qwen3"] as const)(
  "a %s model with default weights writes varied text that depends on the prompt",
  (architecture) => {
    for (const tieWordEmbeddings of [false, true]) {
      const directory = join(root, `${architecture}-${tieWordEmbeddings}`);
      writeTinyModel(directory, { architecture, seed: 1, tieWordEmbeddings });
      const model = loadReferenceModel(directory);
      const text = greedyDecode(model, [0, 5, 77, 130], 24);
      expect(new Set(text).size).toBeGreaterThan(5);
      expect(greedyDecode(model, [0, 6, 77, 130], 24)).not.toEqual(text);
    }
  },
);
