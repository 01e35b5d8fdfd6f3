import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";

/** Prebuilt llama.cpp for Node. Not a dependency: it is installed where it is compared with, and only then. */
const packageName = "@node-llama-cpp/linux-x64";
const packageVersion = "3.22.1";
const ggmlFloat32 = 0;

/** Of the package's own interface, what is used here. */
interface Bindings {
  readonly AddonModel: new (path: string, options: object) => AddonModel;
  readonly AddonContext: new (model: AddonModel, options: object) => AddonContext;
  readonly AddonSampler: new (model: AddonModel) => AddonSampler;
  setLoggerLogLevel(level: number): void;
  loadBackends(folder?: string): void;
  init(): Promise<void>;
}

interface AddonModel {
  init(): Promise<boolean>;
  dispose(): Promise<void>;
}

interface AddonContext {
  init(): Promise<boolean>;
  initBatch(size: number): void;
  /** @returns where each of the logits is found */
  addToBatch(
    sequence: number,
    position: number,
    tokens: Uint32Array,
    logits: Uint32Array,
  ): Uint32Array;
  decodeBatch(): Promise<void>;
  sampleToken(logits: number, sampler: AddonSampler): Promise<number>;
  removeTokenCellsFromSequence(sequence: number, from: number, to: number): boolean;
  dispose(): Promise<void>;
}

interface AddonSampler {
  applyConfig(config: { temperature: number }): void;
  dispose(): void;
}

export interface LlamaAddon {
  readonly release: string;
  open(file: string, numTokens: number): Promise<LlamaModel>;
}

/** One sequence of a model, with one thread and a cache of float32. */
export interface LlamaModel {
  /** A forward over `tokens` at a position. @returns where the logits of all of them are found */
  forward(position: number, tokens: Uint32Array): Promise<Uint32Array>;
  /** The most probable token. */
  choose(logits: number): Promise<number>;
  forget(from: number): void;
  close(): Promise<void>;
}

/**
 * Installs llama.cpp into a folder.
 * @throws Error that says so where the package cannot be had
 */
export async function installLlama(folder: string, signal: AbortSignal): Promise<LlamaAddon> {
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true }));
  const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund"];
  await promisify(execFile)("npm", [...args, `${packageName}@${packageVersion}`], {
    cwd: folder,
    signal,
  }).catch((error: Error) => {
    throw new Error(
      `${packageName} ${packageVersion} cannot be had here, so nothing is compared: ${error.message}`,
    );
  });
  const bins = join(folder, "node_modules", packageName, "bins", "linux-x64");
  const built = await readFile(join(bins, "_nlcBuildMetadata.json"), "utf8");
  const bindings = createRequire(import.meta.url)(join(bins, "llama-addon.node")) as Bindings;
  bindings.setLoggerLogLevel(0);
  bindings.loadBackends(bins);
  await bindings.init();
  return {
    release: JSON.parse(built).buildOptions.llamaCpp.release,
    open: (file, numTokens) => openModel(bindings, file, numTokens),
  };
}

async function openModel(bindings: Bindings, file: string, numTokens: number): Promise<LlamaModel> {
  const model = new bindings.AddonModel(file, { addonExports: bindings, gpuLayers: 0 });
  const options = { contextSize: numTokens, batchSize: numTokens, sequences: 1, threads: 1 };
  if (!(await model.init())) throw new Error(`llama.cpp cannot open ${file}`);
  const context = new bindings.AddonContext(model, {
    ...{ ...options, flashAttention: "auto" },
    ...{ kvCacheKeyType: ggmlFloat32, kvCacheValueType: ggmlFloat32 },
  });
  if (!(await context.init())) throw new Error(`llama.cpp has no room for ${numTokens} tokens`);
  const sampler = new bindings.AddonSampler(model);
  sampler.applyConfig({ temperature: 0 });
  return {
    async forward(position, tokens) {
      context.initBatch(tokens.length);
      const found = context.addToBatch(
        0,
        position,
        tokens,
        tokens.map((_, index) => index),
      );
      await context.decodeBatch();
      return found;
    },
    choose: (logits) => context.sampleToken(logits, sampler),
    forget(from) {
      if (!context.removeTokenCellsFromSequence(0, from, -1))
        throw new Error("llama.cpp keeps what it should forget");
    },
    async close() {
      sampler.dispose();
      await context.dispose();
      await model.dispose();
    },
  };
}
