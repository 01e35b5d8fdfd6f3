// A process of its own that builds: run by build-once.test.ts and prepare-graph.test.ts, which send
// one command a line and read one answer a line.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { prepareGraph } from "../graph/prepare-graph.ts";
import { buildOnce } from "./build-once.ts";

interface Command {
  /** Builds the graphs of this model directory. */
  readonly directory?: string;
  readonly cache?: string;
  /** Begins this folder and never ends it. */
  readonly hangIn?: string;
}

const answer = (text: string) => process.stdout.write(`${text}\n`);
answer("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const { directory, cache, hangIn } = JSON.parse(line) as Command;
  try {
    if (hangIn !== undefined)
      await buildOnce(hangIn, async (temporary) => {
        await writeFile(join(temporary, "first half"), "half");
        answer("half done");
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      });
    const { graphFile } = await prepareGraph(directory as string, { cacheDirectory: cache });
    answer(graphFile(1));
  } catch (error) {
    answer(`failed: ${(error as Error).message}`);
  }
}
