import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { nodeOptions } from "../../packages/cli/src/remote/spawn-service.ts";

/** As Docker reads it: the words of the command that images start. */
async function entrypointOfImages(): Promise<string[]> {
  const dockerfile = new URL("../../deploy/docker/Dockerfile", import.meta.url);
  const [, words = "", ...others] = (await readFile(dockerfile, "utf8")).split(/^ENTRYPOINT /m);
  expect(others).toEqual([]);
  return JSON.parse(words.split("\n")[0] ?? "");
}

test("what is measured here is started as the images start it", async () => {
  const entrypoint = await entrypointOfImages();
  const [node, command] = [entrypoint.indexOf("node"), entrypoint.length - 1];
  expect(entrypoint.slice(node + 1, command)).toEqual(nodeOptions);
});
