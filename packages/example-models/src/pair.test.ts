import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  exampleModelDirectory,
  exampleModelNames,
  examplePair,
  examplePairNames,
} from "./index.ts";

describe("examplePair", () => {
  it("uses every built-in model exactly once", () => {
    const directories = examplePairNames
      .map(examplePair)
      .flatMap(({ target, draft }) => [target, draft]);
    expect(directories).toEqual(exampleModelNames.map((name) => exampleModelDirectory(name)));
  });

  it.each(examplePairNames)("gives %s one tokenizer, equal byte for byte", (name) => {
    const { target, draft } = examplePair(name);
    for (const file of ["tokenizer.json", "tokenizer_config.json"]) {
      expect(readFileSync(join(draft, file)).equals(readFileSync(join(target, file)))).toBe(true);
    }
  });

  it.each(examplePairNames)("puts the larger model of %s in the target's place", (name) => {
    const { target, draft } = examplePair(name);
    const bytes = (directory: string) => readFileSync(join(directory, "model.safetensors")).length;
    expect(bytes(target)).toBeGreaterThan(bytes(draft));
  });
});
