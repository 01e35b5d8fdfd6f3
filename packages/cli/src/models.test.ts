import { exampleModelDirectory, examplePair } from "@adaedl/example-models";
import { describe, expect, it } from "vitest";
import { chooseModels, modelDirectory } from "./models.ts";

const pair = "storyteller";

describe("chooseModels", () => {
  it("takes the built-in pair unless a model is named", () => {
    const { target, draft } = examplePair("coder");
    expect(chooseModels({ pair: "coder" })).toEqual({
      target: { directory: target },
      draft: { directory: draft },
    });
  });

  it("takes no draft model with a target that is named alone", () => {
    expect(chooseModels({ pair, target: "/models/big" })).toEqual({
      target: { directory: "/models/big" },
      draft: undefined,
    });
    expect(chooseModels({ pair, draft: "none" }).draft).toBeUndefined();
  });

  it("leaves the draft model's precision to its size, unless one is named", () => {
    expect(chooseModels({ pair, draftWeights: "auto" }).draft).not.toHaveProperty("weights");
    expect(chooseModels({ pair, weights: "int8", draftWeights: "int4" })).toMatchObject({
      ...{ target: { weights: "int8" }, draft: { weights: "int4" } },
    });
  });

  it("refuses a precision for a draft model that there is not", () => {
    for (const options of [{ draft: "none" }, { target: "/models/big" }])
      expect(() => chooseModels({ pair, draftWeights: "int4", ...options })).toThrow(
        "--draft-weights int4 has nothing to do without a draft model",
      );
  });

  it("takes built-in names wherever a directory is", () => {
    const target = "coder-target";
    const draft = "coder-draft";
    expect(chooseModels({ pair, target, draft, provider: "webgpu", threads: 2 })).toEqual({
      target: { directory: exampleModelDirectory(target), provider: "webgpu", numThreads: 2 },
      draft: { directory: exampleModelDirectory(draft), provider: "webgpu", numThreads: 2 },
    });
  });
});

describe("modelDirectory", () => {
  it("takes a path as it is, and a name that is a directory here", () => {
    for (const path of ["/models/big", "./big", "../big", "."])
      expect(modelDirectory(path)).toBe(path);
  });

  it.each([
    ["storyteller", "storyteller-target, storyteller-draft"],
    ["coder-", "coder-target, coder-draft"],
    ["org/lama-1B", "storyteller-target, storyteller-draft, coder-target, coder-draft"],
    ["lama", "storyteller-target, storyteller-draft, coder-target, coder-draft"],
    ["", "storyteller-target, storyteller-draft, coder-target, coder-draft"],
  ])("names the models there are for %j", (name, names) => {
    expect(() => modelDirectory(name)).toThrow(
      `a model must be a directory or one of ${names}, got "${name}" ` +
        "(docs/models.md shows how to get a model)",
    );
  });
});
