import { AdaedlError, type LogitsRow, rowFromLogits } from "@adaedl/core";
import { columnBlock, type OnnxExportSource } from "@adaedl/model/graphs";
import { type InferenceSession, Tensor } from "onnxruntime-node";
import type { ModelThreadOptions } from "../messages.ts";
import { type CacheTensor, ExportedCache } from "./exported-cache.ts";
import type { BackendStep, ModelBackend } from "./model-backend.ts";
import { openSession } from "./session-options.ts";
import { rowBytesOf } from "./slot-cache.ts";

const helperInputs = ["input_ids", "attention_mask", "position_ids", "use_cache_branch"];

/**
 * Runs a graph as Optimum exports it: `past_key_values.*` in, `present.*` out. Such a graph returns
 * its whole cache, has no place for several sessions of different length and sums nothing up, so
 * steps run one by one and cost more: the compatibility path.
 */
export async function openExportedGraph(
  source: OnnxExportSource,
  options: ModelThreadOptions,
): Promise<ModelBackend> {
  const { weights = "f32" } = options;
  if (weights !== "f32")
    throw new AdaedlError(
      "failed_precondition",
      `weights must be f32 (the default) for an exported graph, which has its own, got ${weights}`,
      { field: "weights", value: weights },
    );
  const session = await openSession(source.graphFile, options);
  const { numLayers, numKeyValueHeads, headDim } = cacheSizes(session, source.graphFile);
  const cacheShape = { numLayers, numKeyValueHeads, headDim, columnBlock };

  async function forwardOne(step: BackendStep): Promise<LogitsRow[]> {
    const { tokenIds } = step;
    const cache = step.cache as ExportedCache;
    const pastLength = cache.length;
    const length = pastLength + tokenIds.length;
    cache.reserve(length);
    const outputs = await session.run(exportFeeds(session, step));
    for (let layer = 0; layer < numLayers; layer++) {
      for (const [name, target] of [
        [`present.${layer}.key`, cache.keys(layer)],
        [`present.${layer}.value`, cache.values(layer)],
      ] as const) {
        const present = outputs[name]?.data as Float32Array; // [1, heads, length, headDim]
        for (let column = pastLength; column < length; column++)
          cache.writeRow(target, column, present, column * headDim, length * headDim);
      }
    }
    for (const tokenId of tokenIds) cache.text.append(tokenId);
    const logits = outputs.logits as Tensor; // [1, S, vocabSize]
    const vocabSize = logits.dims[2] as number;
    return step.rows.map((row) => {
      const data = logits.data as Float32Array;
      return rowFromLogits(data.subarray(row * vocabSize, (row + 1) * vocabSize));
    });
  }

  return {
    info: {
      format: "onnx-export",
      weights: "exported",
      vocabSize: source.vocabSize,
      contextLength: source.contextLength,
      rowBytes: rowBytesOf(cacheShape),
      rowBlock: cacheShape.columnBlock,
    },
    numTop: 0,
    createCache: () => new ExportedCache(cacheShape),
    async forward(steps) {
      const results: LogitsRow[][] = [];
      for (const step of steps) results.push(await forwardOne(step));
      return results;
    },
    close: () => session.release(),
  };
}

function exportFeeds(session: InferenceSession, step: BackendStep): Record<string, Tensor> {
  const { tokenIds } = step;
  const cache = step.cache as ExportedCache;
  const { numLayers, numKeyValueHeads, headDim } = cache.shape;
  const pastLength = cache.length;
  const length = pastLength + tokenIds.length;
  const wholeNumbers = (values: readonly number[]) =>
    new Tensor("int64", BigInt64Array.from(values, BigInt), [1, values.length]);
  const feeds: Record<string, Tensor> = {
    input_ids: wholeNumbers(tokenIds),
    attention_mask: wholeNumbers(new Array<number>(length).fill(1)),
    position_ids: wholeNumbers(tokenIds.map((_, index) => pastLength + index)),
    use_cache_branch: new Tensor("bool", [pastLength > 0], [1]),
  };
  const dims = [1, numKeyValueHeads, pastLength, headDim];
  const used = (tensor: CacheTensor) => {
    const packed = new Float32Array(numKeyValueHeads * pastLength * headDim);
    for (let head = 0; head < numKeyValueHeads; head++) {
      const from = head * cache.capacity * headDim;
      packed.set(tensor.subarray(from, from + pastLength * headDim), head * pastLength * headDim);
    }
    return new Tensor("float32", packed, dims);
  };
  for (let layer = 0; layer < numLayers; layer++) {
    feeds[`past_key_values.${layer}.key`] = used(cache.keys(layer));
    feeds[`past_key_values.${layer}.value`] = used(cache.values(layer));
  }
  // Exports differ in which of the helper inputs they have.
  return Object.fromEntries(
    Object.entries(feeds).filter(([name]) => session.inputNames.includes(name)),
  );
}

/** Reads the cache's sizes off the graph's own declaration. */
function cacheSizes(session: InferenceSession, graphFile: string) {
  const keys = session.inputMetadata.filter((input) =>
    /^past_key_values\.\d+\.key$/.test(input.name),
  );
  const [first] = keys;
  const isWhole = keys.every((_, layer) =>
    ["key", "value"].every(
      (part) =>
        session.inputNames.includes(`past_key_values.${layer}.${part}`) &&
        session.outputNames.includes(`present.${layer}.${part}`),
    ),
  );
  if (first === undefined || !isWhole || !session.outputNames.includes("logits"))
    throw new AdaedlError(
      "unimplemented",
      `${graphFile} is not a decoder with a cache: it needs inputs past_key_values.N.key/value and outputs present.N.key/value and logits`,
      { field: graphFile },
    );
  const unknown = session.inputNames.find(
    (name) => !helperInputs.includes(name) && !/^past_key_values\.\d+\.(key|value)$/.test(name),
  );
  if (unknown !== undefined)
    throw new AdaedlError(
      "unimplemented",
      `${graphFile}: input ${unknown} is not supported (supported: past_key_values, ${helperInputs.join(", ")})`,
      { field: unknown },
    );
  const [, numKeyValueHeads, , headDim] = first.isTensor ? first.shape : [];
  const isKnown = typeof numKeyValueHeads === "number" && typeof headDim === "number";
  if (!first.isTensor || first.type !== "float32" || !isKnown)
    throw new AdaedlError(
      "unimplemented",
      `${graphFile}: input ${first.name} must be float32 with fixed heads and head size (export without fp16)`,
      { field: first.name },
    );
  return { numLayers: keys.length, numKeyValueHeads, headDim };
}
