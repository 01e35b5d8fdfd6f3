import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { weightPrecisions } from "@adaedl/core";
import { createTinyTensors, writeSafetensors, writeTinyModel } from "@adaedl/testing";
import { describe, expect, test, vi } from "vitest";
import { spawnBuilder } from "../cache/spawn-builder.cases.ts";
import { readDecoderSpec } from "../directory/read-config.ts";
import { failureOf, newPath } from "../temporary-directory.cases.ts";
import { graphKinds } from "./graph-io.ts";
import { prepareGraph } from "./prepare-graph.ts";

const graphFiles = [
  "groups-1.onnx",
  "groups-2.onnx",
  "groups-4.onnx",
  "groups-8.onnx",
  "long.onnx",
];
const wholeFolder = ["checked.txt", ...graphFiles, "manifest.json", "weights.bin"];
const tiny = () => writeTinyModel(newPath("tiny"), { architecture: "llama" }).directory;
const folderOf = async (directory: string, cache: string) =>
  dirname((await prepareGraph(directory, { cacheDirectory: cache })).graphFile(1));
const filesOf = (folder: string) => readdirSync(folder).sort();
/** Name and hash of each file that is opened. */
const contentsOf = (folder: string) =>
  [...graphFiles, "weights.bin"].map((name) => {
    const hash = createHash("sha256").update(readFileSync(join(folder, name)));
    return `${name} ${hash.digest("hex")}`;
  });

test("a graph of each kind is built, beside one weight file", async () => {
  const [directory, cache] = [tiny(), newPath("cache")];
  const { spec, graphFile } = await prepareGraph(directory, { cacheDirectory: cache });
  expect(spec).toEqual(await readDecoderSpec(directory));
  const folder = dirname(graphFile(1));
  expect(relative(cache, folder)).toMatch(/^graphs\/tiny-f32-8-[0-9a-f]{24}$/);
  expect(graphKinds.map((kind) => basename(graphFile(kind)))).toEqual(graphFiles);
  expect(filesOf(folder)).toEqual(wholeFolder);
});

test("what is built is found again, by a copy of the directory too", async () => {
  const [directory, cache] = [tiny(), newPath("cache")];
  const folder = await folderOf(directory, cache);
  const { mtimeMs } = statSync(join(folder, "weights.bin"));
  const copy = newPath("tiny");
  cpSync(directory, copy, { recursive: true });
  expect(await folderOf(directory, cache)).toBe(folder);
  expect(await folderOf(copy, cache)).toBe(folder);
  expect(statSync(join(folder, "weights.bin")).mtimeMs).toBe(mtimeMs);
  expect(readdirSync(join(cache, "graphs"))).toHaveLength(1);
});

test("the folder has the model's name: a copy of another name is built anew, with equal bytes", async () => {
  const [directory, cache] = [tiny(), newPath("cache")];
  const copy = newPath("renamed");
  cpSync(directory, copy, { recursive: true });
  const [folder, other] = [await folderOf(directory, cache), await folderOf(copy, cache)];
  expect(basename(other)).toBe(basename(folder).replace("tiny", "renamed"));
  expect(contentsOf(other)).toEqual(contentsOf(folder));
});

test("each precision has files of its own; short weights are short", async () => {
  const directory = writeTinyModel(newPath("tiny"), {
    ...{ architecture: "llama", hiddenSize: 128, intermediateSize: 352, vocabSize: 512 },
  }).directory;
  const cacheDirectory = newPath("cache");
  const sizes: number[] = [];
  for (const weights of weightPrecisions) {
    const { graphFile } = await prepareGraph(directory, { cacheDirectory, weights });
    expect(basename(dirname(graphFile(1)))).toMatch(new RegExp(`^tiny-${weights}-8-`));
    sizes.push(statSync(join(dirname(graphFile(1)), "weights.bin")).size);
  }
  const [f32, int8, int4] = sizes as [number, number, number];
  expect(new Set(readdirSync(join(cacheDirectory, "graphs"))).size).toBe(3);
  expect(int8).toBeLessThan(0.35 * f32); // one byte a weight, and pages that are not full
  expect(int4).toBeLessThan(0.8 * int8);
});

test("a trailing slash and a relative path lead to the same folder", async () => {
  const [directory, cache] = [tiny(), newPath("cache")];
  const folder = await folderOf(directory, cache);
  expect(await folderOf(`${directory}/`, cache)).toBe(folder);
  expect(await folderOf(relative(process.cwd(), directory), cache)).toBe(folder);
});

test("changed weights and a changed config are built anew", async () => {
  const [directory, cache] = [tiny(), newPath("cache")];
  const first = await folderOf(directory, cache);
  const tensors = createTinyTensors({ architecture: "llama", seed: 2 });
  writeSafetensors(join(directory, "model.safetensors"), tensors);
  const second = await folderOf(directory, cache);
  const config = join(directory, "config.json");
  writeFileSync(
    config,
    readFileSync(config, "utf8").replace('"rope_theta": 10000', '"rope_theta": 20000'),
  );
  const third = await folderOf(directory, cache);
  expect(new Set([first, second, third]).size).toBe(3);
});

test("without a cache given, ADAEDL_CACHE_DIR is used", async () => {
  const [directory, cache] = [tiny(), newPath("cache")];
  const before = process.env.ADAEDL_CACHE_DIR;
  process.env.ADAEDL_CACHE_DIR = cache;
  try {
    const { graphFile } = await prepareGraph(directory);
    expect(graphFile(8).startsWith(join(cache, "graphs"))).toBe(true);
  } finally {
    if (before === undefined) delete process.env.ADAEDL_CACHE_DIR;
    else process.env.ADAEDL_CACHE_DIR = before;
  }
});

test("a model that is refused leaves nothing behind", async () => {
  const [directory, cache] = [tiny(), newPath("cache")];
  const file = join(directory, "model.safetensors");
  const tensors = createTinyTensors({ architecture: "llama" });
  const last = tensors.at(-1);
  if (last === undefined) throw new Error("there are no tensors");
  const values = Array.from(last.values).fill(Number.NaN, 7, 8);
  writeSafetensors(file, [...tensors.slice(0, -1), { ...last, values }]);
  expect(await failureOf(prepareGraph(directory, { cacheDirectory: cache }))).toEqual({
    code: "invalid_argument",
    message: `${file}: tensor lm_head.weight holds NaN: weights must be finite numbers`,
    field: "lm_head.weight",
  });
  expect(readdirSync(join(cache, "graphs"))).toEqual([]);

  writeSafetensors(file, tensors.slice(0, -1));
  const untouched = newPath("cache");
  expect((await failureOf(prepareGraph(directory, { cacheDirectory: untouched }))).message).toBe(
    `tensor lm_head.weight [300, 32] is missing from ${file}`,
  );
  expect(existsSync(untouched)).toBe(false);
});

test("a cache that cannot be written is an error of one line that names ADAEDL_CACHE_DIR", async () => {
  const file = join(tiny(), "config.json"); // no folder: refused to root as well
  expect(await failureOf(prepareGraph(tiny(), { cacheDirectory: file }))).toMatchObject({
    code: "failed_precondition",
    field: "ADAEDL_CACHE_DIR",
    message: `the cache ${file} cannot be written: ENOTDIR; set ADAEDL_CACHE_DIR to a folder that can be written`,
  });
});

describe("a cache entry that is not what was built is built anew, with one warning", () => {
  const half = (file: string) => {
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill(0, bytes.length >> 1)); // as after a loss of power
  };
  test.each<[string, (folder: string) => unknown, RegExp]>([
    ["half of the weights are zeros", (f) => half(join(f, "weights.bin")), /weights.bin is not/],
    ["a graph is empty", (f) => writeFileSync(join(f, "groups-1.onnx"), ""), /has 0 bytes, not/],
    ["a graph is missing", (f) => rmSync(join(f, "groups-8.onnx")), /groups-8.onnx is missing/],
    ["the manifest is cut off", (f) => half(join(f, "manifest.json")), /no whole manifest.json/],
    ["others may write it", (f) => chmodSync(f, 0o777), /may be written by others \(mode 777\)/],
    [
      "others may write a file",
      (f) => chmodSync(join(f, "weights.bin"), 0o666),
      /weights.bin may be written by others/,
    ],
    [
      "it is another model's",
      (f) => {
        const other = writeTinyModel(newPath("tiny"), { architecture: "llama", seed: 7 });
        rmSync(f, { recursive: true });
        return prepareGraph(other.directory, { cacheDirectory: dirname(dirname(f)) }).then(
          ({ graphFile }) => renameSync(dirname(graphFile(1)), f),
        );
      },
      /it was built as tiny-f32-8-/,
    ],
    [
      "it is a link",
      (f) => {
        const elsewhere = newPath("elsewhere");
        cpSync(f, elsewhere, { recursive: true });
        rmSync(f, { recursive: true });
        symlinkSync(elsewhere, f);
      },
      /may be written by others/,
    ],
  ])("%s", async (_, damage, problem) => {
    const [directory, cache] = [tiny(), newPath("cache")];
    const folder = await folderOf(directory, cache);
    const whole = contentsOf(folder);
    await damage(folder);
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    try {
      expect(await folderOf(directory, cache)).toBe(folder);
      expect(await folderOf(directory, cache)).toBe(folder);
      expect(warn.mock.calls).toEqual([[expect.stringMatching(problem), "CacheWarning"]]);
    } finally {
      warn.mockRestore();
    }
    expect(contentsOf(folder)).toEqual(whole);
    expect(readdirSync(join(cache, "graphs"))).toEqual([basename(folder)]);
  });

  test("nothing is taken from a folder that others may write", async () => {
    const [directory, cache] = [tiny(), newPath("cache")];
    const graphs = dirname(await folderOf(directory, cache));
    chmodSync(graphs, 0o775);
    expect(await failureOf(prepareGraph(directory, { cacheDirectory: cache }))).toEqual({
      code: "failed_precondition",
      field: "ADAEDL_CACHE_DIR",
      message: `the cache folder ${graphs} may be written by others (mode 775): let nobody else write it (chmod go-w), or set ADAEDL_CACHE_DIR to a folder of your own`,
    });
  });

  test("what was checked before the machine started is checked again, and that is noted", async () => {
    const [directory, cache] = [tiny(), newPath("cache")];
    const folder = await folderOf(directory, cache);
    const stamp = join(folder, "checked.txt");
    const known = readFileSync(stamp, "utf8");
    writeFileSync(stamp, `another boot\n${known}`);
    await folderOf(directory, cache);
    expect(readFileSync(stamp, "utf8")).toBe(known);
  });
});

test("entries of another release go a week after they were last opened, those of this one stay", async () => {
  const [directory, cache] = [tiny(), newPath("cache")];
  const graphs = join(cache, "graphs");
  const hex = "0123456789abcdef01234567";
  const entries = { [`a-3-${hex}`]: 8, [`b-3-${hex}`]: 6, [`c-8-${hex}`]: 400, [`d-${hex}`]: 8 };
  for (const [name, days] of Object.entries(entries)) {
    mkdirSync(join(graphs, name), { recursive: true });
    const opened = new Date(Date.now() - days * 24 * 60 * 60 * 1000);
    utimesSync(join(graphs, name), opened, opened);
  }
  const folder = await folderOf(directory, cache);
  expect(readdirSync(graphs).sort()).toEqual([`b-3-${hex}`, `c-8-${hex}`, basename(folder)]);
});

describe("processes", () => {
  test("two that prepare the same model at once both get the same whole folder", async () => {
    const directory = tiny();
    const expected = contentsOf(await folderOf(directory, newPath("cache")));
    const builders = await Promise.all([spawnBuilder(), spawnBuilder()]);
    for (let repetition = 0; repetition < 12; repetition++) {
      const cache = newPath("cache");
      const [one, two] = await Promise.all(
        builders.map((builder) => builder.ask({ directory, cache })),
      );
      expect(one).toBe(two);
      expect(contentsOf(dirname(one as string))).toEqual(expected);
      expect(readdirSync(join(cache, "graphs"))).toEqual([basename(dirname(one as string))]);
    }
    for (const builder of builders) await builder.kill();
  });

  test("one killed while it writes leaves a cache that the next can use", async () => {
    // 17 MB of weights: long enough in the writing to be caught at it.
    const size = { hiddenSize: 256, intermediateSize: 1024, numLayers: 4 };
    const { directory } = writeTinyModel(newPath("tiny"), { architecture: "llama", ...size });
    const cache = newPath("cache");
    const graphs = join(cache, "graphs");
    const builder = await spawnBuilder();
    const answer = builder.ask({ directory, cache });
    while (!existsSync(graphs) || filesOf(graphs).length === 0)
      await new Promise((resolve) => setTimeout(resolve, 1));
    await builder.kill();
    expect(await answer).toBe("the process is gone");
    expect(filesOf(graphs)).toEqual([expect.stringMatching(/^\.building-/)]);

    const folder = await folderOf(directory, cache);
    expect(filesOf(folder)).toEqual(wholeFolder);
    const fresh = await folderOf(directory, newPath("cache"));
    expect(statSync(join(folder, "weights.bin")).size).toBe(
      statSync(join(fresh, "weights.bin")).size,
    );
  });

  const hasLimits = process.platform !== "win32";
  test.runIf(hasLimits)(
    "a disk that is full at the last weights fails and leaves nothing",
    async () => {
      const directory = tiny();
      const { size } = statSync(join(await folderOf(directory, newPath("cache")), "weights.bin"));
      const cache = newPath("cache");
      const builder = await spawnBuilder(Math.floor(size / 1024) - 4);
      expect(await builder.ask({ directory, cache })).toBe(
        `failed: the cache ${cache} has no room for 1 MB: EFBIG; set ADAEDL_CACHE_DIR to a folder with room`,
      );
      await builder.kill();
      expect(readdirSync(join(cache, "graphs"))).toEqual([]);
    },
  );
});
