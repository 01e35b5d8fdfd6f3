import { AdaedlError, type LogitsRow } from "@adaedl/core";
import {
  columnBlock,
  type DecoderSpec,
  graphOutputs,
  maxTop,
  prepareGraph,
  slotCounts,
} from "@adaedl/model/graphs";
import type { InferenceSession } from "onnxruntime-node";
import { defaultProvider, type ModelThreadOptions } from "../messages.ts";
import type { BackendStep, ModelBackend } from "./model-backend.ts";
import { openSession, weightPacker } from "./session-options.ts";
import { rowBytesOf, SlotCache } from "./slot-cache.ts";
import { type StepFeeds, stepFeeds } from "./slot-graph-feeds.ts";

const maxSlots = Math.max(...slotCounts);

/** Runs the graphs that `@adaedl/model` builds: any mix of sessions in one forward. */
export async function openSlotGraph(
  options: ModelThreadOptions,
  signal: AbortSignal,
  packer = weightPacker(),
): Promise<ModelBackend> {
  const { directory, weights = "f32", provider = defaultProvider } = options;
  if (weights !== "f32" && provider !== "cpu")
    throw new AdaedlError(
      "failed_precondition",
      `weights must be f32 with the provider ${provider}, got ${weights}: short weights run on cpu`,
      { field: "weights", value: weights },
    );
  const { spec, graphFile } = await prepareGraph(
    directory,
    { ...options, packer: provider === "cpu" ? packer : undefined },
    signal,
  );
  const cacheShape = {
    numLayers: spec.numLayers,
    numKeyValueHeads: spec.numKeyValueHeads,
    headDim: spec.headDim,
    columnBlock,
  };
  const numTop = Math.min(maxTop, spec.vocabSize);
  const sessions = new Map<number, InferenceSession>();
  const sessionFor = async (numSlots: number) => {
    const known = sessions.get(numSlots);
    if (known !== undefined) return known;
    const session = await openSession(graphFile(numSlots), options);
    sessions.set(numSlots, session);
    return session;
  };
  await sessionFor(1); // so that a model that cannot run is known when it is opened

  const idleCache = new SlotCache(cacheShape);

  async function forwardSlots(steps: readonly BackendStep[]): Promise<LogitsRow[][]> {
    const numSlots = slotCounts.find((count) => count >= steps.length) ?? maxSlots;
    const padded = [...steps, ...idleSteps(numSlots - steps.length, idleCache)];
    const feeds = stepFeeds(spec, weights === "int4" ? padded.map(withTwoTokens) : padded);
    const session = await sessionFor(numSlots);
    const outputs = await session.run(feeds.inputs, outputNames(spec, steps));
    commit(spec, steps, outputs);
    return rowsOf(steps, feeds, outputs, numTop);
  }

  return {
    info: {
      format: "safetensors",
      weights,
      vocabSize: spec.vocabSize,
      contextLength: spec.contextLength,
      rowBytes: rowBytesOf(cacheShape),
      rowBlock: columnBlock,
    },
    numTop,
    createCache: () => new SlotCache(cacheShape),
    async forward(steps) {
      const results: LogitsRow[][] = [];
      for (let from = 0; from < steps.length; from += maxSlots)
        results.push(...(await forwardSlots(steps.slice(from, from + maxSlots))));
      return results;
    },
    async close() {
      for (const session of sessions.values()) await session.release();
      sessions.clear();
    },
  };
}

/** A slot without tokens would crash the runtime: idle ones are given a token nobody reads. */
function idleSteps(count: number, cache: SlotCache): BackendStep[] {
  const step = { cache, tokenIds: [0], rows: [], temperature: 1, needsLogits: false };
  return Array.from({ length: count }, () => step);
}

/**
 * Some CPUs have another routine for int4 products of a single row, which rounds differently. A token that
 * is alone is computed twice; what it would leave in the cache the second time is not committed.
 */
function withTwoTokens(step: BackendStep, _: number, steps: readonly BackendStep[]): BackendStep {
  const { tokenIds } = step;
  if (steps.length > 1 || tokenIds.length > 1) return step;
  return { ...step, tokenIds: [...tokenIds, ...tokenIds] };
}

function outputNames(spec: DecoderSpec, steps: readonly BackendStep[]): string[] {
  const { topLogits, topIds, peak, sumExp, sumDistanceExp, logits } = graphOutputs;
  const names: string[] = [topLogits, topIds, peak, sumExp, sumDistanceExp];
  if (steps.some((step) => step.needsLogits)) names.push(logits);
  for (let layer = 0; layer < spec.numLayers; layer++)
    names.push(graphOutputs.newKeys(layer), graphOutputs.newValues(layer));
  return names;
}

/** Writes the new rows behind the committed ones of each slot. */
function commit(
  spec: DecoderSpec,
  steps: readonly BackendStep[],
  outputs: InferenceSession.OnnxValueMapType,
): void {
  const rowSize = spec.numKeyValueHeads * spec.headDim;
  for (let layer = 0; layer < spec.numLayers; layer++) {
    const keys = floats(outputs, graphOutputs.newKeys(layer));
    const values = floats(outputs, graphOutputs.newValues(layer));
    let row = 0;
    for (const { cache, tokenIds } of steps) {
      for (let index = 0; index < tokenIds.length; index++, row++) {
        const column = cache.length + index;
        cache.writeRow(cache.keys(layer), column, keys, row * rowSize, spec.headDim);
        cache.writeRow(cache.values(layer), column, values, row * rowSize, spec.headDim);
      }
    }
  }
  for (const { cache, tokenIds } of steps)
    for (const tokenId of tokenIds) cache.text.append(tokenId);
}

function rowsOf(
  steps: readonly BackendStep[],
  feeds: StepFeeds,
  outputs: InferenceSession.OnnxValueMapType,
  numTop: number,
): LogitsRow[][] {
  const topLogits = floats(outputs, graphOutputs.topLogits);
  const topIds = outputs[graphOutputs.topIds]?.data as Int32Array;
  const peaks = floats(outputs, graphOutputs.peak);
  const sums = floats(outputs, graphOutputs.sumExp);
  const weighted = floats(outputs, graphOutputs.sumDistanceExp);
  const logits = outputs[graphOutputs.logits]?.data as Float32Array | undefined;
  const vocabSize = logits === undefined ? 0 : logits.length / feeds.numRows;

  let row = 0;
  return steps.map((step) =>
    step.rows.map(() => {
      const sum = sums[row] as number;
      const summary = {
        temperature: step.temperature,
        logSumExp: (peaks[row] as number) + Math.log(sum),
        entropy: Math.log(sum) - (weighted[row] as number) / sum,
      };
      const head = {
        topIds: topIds.subarray(row * numTop, (row + 1) * numTop),
        topLogits: topLogits.subarray(row * numTop, (row + 1) * numTop),
        summary,
      };
      const all = logits?.subarray(row * vocabSize, (row + 1) * vocabSize);
      row++;
      return all === undefined ? head : { ...head, logits: all };
    }),
  );
}

function floats(outputs: InferenceSession.OnnxValueMapType, name: string): Float32Array {
  return outputs[name]?.data as Float32Array;
}
