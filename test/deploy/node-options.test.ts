import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { nodeOptions } from "../../packages/cli/src/remote/spawn-service.ts";

/** As Docker reads it: the words of the command that images start. */
async function entrypointOfImages(file: string): Promise<string[]> {
  const dockerfile = new URL(`../../deploy/docker/${file}`, import.meta.url);
  const [, words = "", ...others] = (await readFile(dockerfile, "utf8")).split(/^ENTRYPOINT /m);
  expect(others).toEqual([]);
  return JSON.parse(words.split("\n")[0] ?? "");
}

test.each(["Dockerfile", "verifier-cuda.Dockerfile"])(
  "what is measured here is started as the images of %s start it",
  async (file) => {
    const entrypoint = await entrypointOfImages(file);
    const [node, command] = [entrypoint.indexOf("node"), entrypoint.length - 1];
    expect(entrypoint.slice(node + 1, command)).toEqual(nodeOptions);
  },
);
