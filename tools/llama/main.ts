/**
 * Compares with llama.cpp on this machine: the same weights, float32 caches, one thread. It is no dependency: its
 * library is installed into a temporary folder, its server has to be there.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { examplePair } from "@adaedl/example-models";
import {
  type RandomModelSize,
  randomModels,
  writeRandomModel,
} from "../../packages/bench/src/weights/random-model.ts";
import { type ComparedModel, compareForwards } from "./compare-forwards.ts";
import { compareStreams } from "./compare-streams.ts";
import { installLlama } from "./llama-addon.ts";
import { writeGguf } from "./write-gguf.ts";
import { writeTokenizer } from "./write-tokenizer.ts";

const usage = `Compares with llama.cpp, from the repository's root:
  npx tsx --conditions=@adaedl/source tools/llama/main.ts [options]

  --random SIZES         random models besides the built-in target (44M)
  --rows LIST            rows of a forward (1,8,128); "" leaves forwards out
  --rounds N             of forwards (40)
  --llama-server PATH    compares streams over HTTP, too (build the command first)
  --streams LIST         at a time (1,8,16)
  --stream-rounds N      (5)
`;

const { values } = parseArgs({
  options: {
    help: { type: "boolean", default: false },
    random: { type: "string", default: "44M" },
    rows: { type: "string", default: "1,8,128" },
    rounds: { type: "string", default: "40" },
    "llama-server": { type: "string" },
    streams: { type: "string", default: "1,8,16" },
    "stream-rounds": { type: "string", default: "5" },
  },
});
const parts = (text: string) => text.split(",").filter(Boolean);
const interruption = new AbortController();
for (const name of ["SIGINT", "SIGTERM"]) process.once(name, () => interruption.abort());
const { signal } = interruption;

if (values.help) process.stdout.write(usage);
else {
  const folder = await mkdtemp(join(tmpdir(), "adaedl-llama-"));
  try {
    process.env.ADAEDL_CACHE_DIR = folder; // what is built for random models goes with them
    const models = [{ name: "tiny", directory: examplePair("storyteller").target }];
    for (const size of parts(values.random)) {
      if (!(size in randomModels)) throw new RangeError(`--random knows no ${size}`);
      const directory = join(folder, size);
      await writeRandomModel(directory, size as RandomModelSize, signal);
      await writeTokenizer(directory);
      models.push({ name: size, directory });
    }
    const files = models.map(({ name, directory }) => {
      return { name, directory, file: join(folder, `${name}.gguf`) };
    });
    for (const { directory, file } of files) await writeGguf(directory, file, signal);
    if (values.rows !== "") await printForwards(files, folder);
    const llamaServer = values["llama-server"];
    if (llamaServer !== undefined)
      for (const model of files) await printStreams(model, llamaServer);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A line for each model and number of rows. */
async function printForwards(models: readonly ComparedModel[], folder: string): Promise<void> {
  const addon = await installLlama(folder, signal);
  print(`llama.cpp ${addon.release}: processor ms, ours · theirs (speed: ours ÷ theirs)`);
  const rowCounts = parts(values.rows).map(Number);
  for (const model of models) {
    const of = [addon, model, rowCounts, Number(values.rounds), signal] as const;
    for (const { numRows, forward, step } of await compareForwards(...of))
      print(`${model.name}, rows ${numRows}: forward ${costText(forward)}, step ${costText(step)}`);
  }
}

/** A line for each number of streams and each way to serve. */
async function printStreams(model: ComparedModel, llamaServer: string): Promise<void> {
  const counts = parts(values.streams).map(Number);
  const numRounds = Number(values["stream-rounds"]);
  print(`${model.name} over HTTP: processor ms a token · tokens/s by the clock`);
  for (const row of await compareStreams({ ...model, llamaServer, counts, numRounds }, signal))
    print(
      `streams ${row.numStreams}, ${row.name}: ${row.cpuMs.toFixed(2)} · ${row.tokensPerSecond.toFixed(0)}; speed by processor time ${row.speed.toFixed(2)}, by the clock ${row.speedByClock.toFixed(2)}`,
    );
}

function costText({ ours, theirs }: { readonly ours: number; readonly theirs: number }): string {
  return `${ours.toFixed(2)} · ${theirs.toFixed(2)} (${(theirs / ours).toFixed(2)})`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
