import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { describe, expect, it } from "vitest";
import { exampleModelDirectory, exampleModelNames } from "./index.ts";

describe("exampleModelDirectory", () => {
  const requiredFiles = [
    "config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
    "generation_config.json",
    "chat_template.jinja",
  ];

  it.each(exampleModelNames)("leads to the complete folder of %s", (name) => {
    const directory = exampleModelDirectory(name);
    expect(isAbsolute(directory)).toBe(true);
    expect(requiredFiles.filter((file) => !existsSync(join(directory, file)))).toEqual([]);
  });

  // The last three would reach a real folder if the name were joined to a path unchecked.
  it.each(["", "storyteller", "Coder-Draft", "toString", ".", "../src", "coder-draft/"])(
    "does not know %j",
    (name) => {
      expect(exampleModelDirectory(name)).toBeUndefined();
    },
  );
});
