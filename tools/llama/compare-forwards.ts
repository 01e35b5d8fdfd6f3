import { median } from "@adaedl/bench";
import { defaultSamplingParams, Text } from "@adaedl/core";
import { openModelThread } from "@adaedl/engine";
import { openSlotGraph } from "../../packages/runtime/src/worker/slot-graph-backend.ts";
import type { LlamaAddon } from "./llama-addon.ts";

/** Processor time in milliseconds, medians. */
interface Cost {
  readonly ours: number;
  readonly theirs: number;
}

/** The same model for us and for llama.cpp. */
export interface ComparedModel {
  readonly name: string;
  readonly directory: string;
  readonly file: string;
}

export interface ForwardsComparison {
  readonly numRows: number;
  /** Feeds, graph and cache; and what llama_decode does. */
  readonly forward: Cost;
  /** The same with a token chosen after each row; ours in the model's thread, as a service asks for it. */
  readonly step: Cost;
}

const contextLength = 128;
/** In a row before it is the other's turn. */
const numInTurn = 5;

/**
 * Compares forwards behind a context, both in this process, in turns.
 * @throws Error where the two do not choose the same tokens: then they are not the same model
 */
export async function compareForwards(
  addon: LlamaAddon,
  { name, directory, file }: ComparedModel,
  rowCounts: readonly number[],
  numRounds: number,
  signal: AbortSignal,
): Promise<ForwardsComparison[]> {
  const ours = await openOurs(directory, signal);
  const theirs = await addon.open(file, contextLength + 2 * Math.max(...rowCounts));
  const context = Array.from({ length: contextLength }, (_, index) => 300 + ((index * 37) % 3000));
  try {
    await ours.extend(context);
    await theirs.forward(0, Uint32Array.from(context));
    const comparisons: ForwardsComparison[] = [];
    for (const numRows of rowCounts) {
      const tokenIds = context.slice(0, numRows);
      const tokens = Uint32Array.from(tokenIds);
      const decode = async () => {
        const logits = await theirs.forward(contextLength, tokens);
        theirs.forget(contextLength);
        return logits;
      };
      const choose = async () => {
        const chosen: number[] = [];
        for (const at of await decode()) chosen.push(await theirs.choose(at));
        return chosen;
      };
      requireSame(name, await ours.step(tokenIds), await choose());
      const kinds = [() => ours.forward(tokenIds), decode, () => ours.step(tokenIds), choose];
      const times = kinds.map((): number[] => []);
      for (let round = 0; round <= numRounds; round++)
        for (const [index, kind] of kinds.entries())
          for (let turn = 0; turn < numInTurn; turn++) {
            signal.throwIfAborted();
            const before = process.cpuUsage();
            await kind();
            const { user, system } = process.cpuUsage(before);
            // Caches are the other's at first.
            if (round > 0 && turn > 0) times[index]?.push((user + system) / 1_000);
          }
      const [graph, decoding, asking, choosing] = times.map(median) as [
        ...[number, number, number, number],
      ];
      const forward = { ours: graph, theirs: decoding };
      const step = { ours: asking, theirs: choosing };
      comparisons.push({ numRows, forward, step });
    }
    return comparisons;
  } finally {
    await theirs.close();
    await ours.close();
  }
}

async function openOurs(directory: string, signal: AbortSignal) {
  const options = { directory, numThreads: 1 };
  const backend = await openSlotGraph(options, signal);
  const cache = backend.createCache();
  const thread = await openModelThread(options, signal);
  const sampling = { ...defaultSamplingParams, temperature: 0 };
  const settings = { sampling, seed: 1, numPromptTokens: 1, verification: "shared-noise" } as const;
  const slotId = await thread.openSlot(settings, signal);
  const text = new Text();
  const forward = async (tokenIds: readonly number[]) => {
    const rows = tokenIds.map((_, index) => index);
    await backend.forward([{ cache, tokenIds, rows, temperature: 1, needsLogits: false }]);
    cache.rollBack(text.length);
  };
  const step = async (tokenIds: readonly number[]) => {
    const reads = tokenIds.map((_, index) => ({ kind: "judge", index }) as const);
    const of = { slotId, keep: text.fence(), tokenIds, reads, roundStart: text.length };
    const [result] = await thread.forward([of], signal);
    if (result === undefined || "error" in result) throw new Error(result?.error.message);
    return result.rows.flatMap((row) => (row.kind === "judge" ? [row.judgement.tokenId] : []));
  };
  return {
    // What they compute is not kept.
    forward,
    step,
    async extend(tokenIds: readonly number[]) {
      await step(tokenIds);
      for (const tokenId of tokenIds) text.append(tokenId);
      await forward(tokenIds);
    },
    async close() {
      await thread.close();
      await backend.close();
    },
  };
}

/** Nearly equal logits may fall either way: one in sixteen may differ. */
function requireSame(name: string, ours: readonly number[], theirs: readonly number[]): void {
  const numEqual = ours.filter((tokenId, index) => tokenId === theirs[index]).length;
  if (numEqual < Math.floor(ours.length * (15 / 16)))
    throw new Error(
      `${name}: ${ours.length - numEqual} of ${ours.length} tokens differ from llama.cpp's: ${ours.slice(0, 8)} and ${theirs.slice(0, 8)}`,
    );
}
