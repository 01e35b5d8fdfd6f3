import { AdaedlError, type LogitsRow } from "@adaedl/core";
import {
  columnBlock,
  type GraphKind,
  graphKinds,
  graphOutputs,
  groupCounts,
  maxTop,
  prepareGraph,
} from "@adaedl/model/graphs";
import type { InferenceSession } from "onnxruntime-node";
import { defaultProvider, type ModelThreadOptions } from "../messages.ts";
import { BlockCache } from "./block-cache.ts";
import { BlockSlabs } from "./block-slabs.ts";
import { type FeedStep, feedStep } from "./group-feeds.ts";
import { groupSteps, type StepGroup } from "./group-steps.ts";
import type { BackendStep, ModelBackend } from "./model-backend.ts";
import { openSession, weightPacker } from "./session-options.ts";
import { rowBytesOf } from "./slot-cache.ts";
import { type StepFeeds, stepFeeds } from "./slot-graph-feeds.ts";

const maxGroups = Math.max(...groupCounts);

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
  const { spec, isPacked, graphFile } = await prepareGraph(
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
  const sessions = new Map<GraphKind, InferenceSession>();
  let isClosed = false;
  const sessionFor = async (kind: GraphKind) => {
    const known = sessions.get(kind);
    if (known !== undefined) return known;
    const session = await openSession(graphFile(kind), options);
    sessions.set(kind, session);
    return session;
  };
  await sessionFor(1); // so that a model that cannot run is known when it is opened

  const slabs = new BlockSlabs(cacheShape);
  const idleCache = new BlockCache(slabs);
  const nothingRead = { rows: [], temperature: 1, needsLogits: false };
  const idleStep = feedStep({ cache: idleCache, tokenIds: [0], ...nothingRead });
  const [idleGroup] = groupSteps([idleStep]) as [StepGroup<FeedStep>];

  async function forwardGroups(groups: readonly StepGroup<FeedStep>[]): Promise<LogitsRow[][]> {
    const steps = groups.flatMap((group) => group.steps);
    const numGroups = groupCounts.find((count) => count >= groups.length) ?? maxGroups;
    const idle = new Array<typeof idleGroup>(numGroups - groups.length).fill(idleGroup);
    const fed = [...groups, ...idle];
    const feeds = stepFeeds(spec, weights === "int4" ? withTwoTokens(fed) : fed);
    const session = await sessionFor(feeds.kind);
    const needsLogits = steps.some((step) => step.needsLogits);
    const outputs = await session.run(feeds.inputs, needsLogits ? withLogits : outputNames);
    const newRows = floats(outputs, graphOutputs.newRows);
    let firstRow = 0;
    for (const { cache, tokenIds } of steps) {
      cache.commit(tokenIds, newRows, firstRow);
      firstRow += tokenIds.length;
    }
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
    createCache: () => new BlockCache(slabs),
    async forward(steps) {
      const fed = steps.map(feedStep);
      const groups = groupSteps(fed);
      const results = new Map<FeedStep, LogitsRow[]>();
      for (let from = 0; from < groups.length; from += maxGroups) {
        const some = groups.slice(from, from + maxGroups);
        const rows = await forwardGroups(some);
        const computed = some.flatMap((group) => group.steps);
        for (const [at, step] of computed.entries()) results.set(step, rows[at] as LogitsRow[]);
      }
      return fed.map((step) => results.get(step) as LogitsRow[]);
    },
    async openAhead() {
      const next = isPacked && !isClosed && graphKinds.find((kind) => !sessions.has(kind));
      if (next) await sessionFor(next);
      return Boolean(next);
    },
    async close() {
      isClosed = true;
      for (const session of sessions.values()) await session.release();
      sessions.clear();
    },
  };
}

/**
 * Some CPUs have another routine for int4 products of a single row, which rounds differently. A token that
 * is alone is computed twice; what it would leave in the cache the second time is not committed.
 */
function withTwoTokens(groups: readonly StepGroup<FeedStep>[]): readonly StepGroup<FeedStep>[] {
  const [step, ...others] = groups.flatMap((group) => group.steps);
  if (step === undefined || others.length > 0 || step.numTokens > 1) return groups;
  return groupSteps([feedStep({ ...step, tokenIds: [...step.tokenIds, ...step.tokenIds] })]);
}

const { logits: allLogits, ...otherOutputs } = graphOutputs;
const outputNames = Object.values(otherOutputs);
const withLogits = [...outputNames, allLogits];

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
