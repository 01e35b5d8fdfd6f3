import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultSamplingParams } from "@adaedl/core";
import { type ModelThread, openModelThread, type SlotSettings } from "@adaedl/runtime";
import {
  createTinyTensors,
  type NamedTensor,
  type TinyModelOptions,
  writeSafetensors,
  writeTinyModel,
} from "@adaedl/testing";

/** Tiny models in a folder of their own, opened in threads; `close` frees everything. */
export interface TinyModels {
  /** @param change makes other weights of the random ones */
  open(
    name: string,
    options: TinyModelOptions,
    change?: (tensors: NamedTensor[]) => NamedTensor[],
  ): Promise<ModelThread>;
  directory(name: string): string;
  close(): Promise<void>;
}

export function createTinyModels(): TinyModels {
  const folder = mkdtempSync(join(tmpdir(), "adaedl-engine-"));
  const threads: ModelThread[] = [];
  const directory = (name: string) => join(folder, name);
  return {
    directory,
    async open(name, options, change) {
      writeTinyModel(directory(name), options);
      if (change !== undefined)
        writeSafetensors(
          join(directory(name), "model.safetensors"),
          change(createTinyTensors(options)),
        );
      const cacheDirectory = join(folder, "cache");
      const thread = await openModelThread({
        directory: directory(name),
        cacheDirectory,
        numThreads: 1,
      });
      threads.push(thread);
      return thread;
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const plainSettings: SlotSettings = {
  sampling: defaultSamplingParams,
  seed: 1,
  verification: "shared-noise",
  numPromptTokens: 1,
};

/** A thread that counts the slots it has open. */
export function countingSlots(thread: ModelThread): { thread: ModelThread; numOpen(): number } {
  let numOpen = 0;
  return {
    thread: {
      ...thread,
      async openSlot(settings, signal) {
        const slotId = await thread.openSlot(settings, signal);
        numOpen++;
        return slotId;
      },
      async forkSlot(slotId, signal) {
        const forkedId = await thread.forkSlot(slotId, signal);
        numOpen++;
        return forkedId;
      },
      async closeSlot(slotId) {
        await thread.closeSlot(slotId);
        numOpen--;
      },
    },
    numOpen: () => numOpen,
  };
}
