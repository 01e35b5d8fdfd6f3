import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { newPath } from "../temporary-directory.cases.ts";
import { buildOnce } from "./build-once.ts";
import { spawnBuilder } from "./spawn-builder.cases.ts";

const fillWith = (content: string) => async (temporary: string) =>
  writeFileSync(join(temporary, "content"), content);
const contentOf = (folder: string) => readFileSync(join(folder, "content"), "utf8");
/** Of the folder that `folder` lies in. */
const siblingsOf = (folder: string) => readdirSync(dirname(folder));

test("a folder is filled under another name and then gets its own", async () => {
  const folder = newPath("built");
  let filledIn = "";
  await buildOnce(folder, async (temporary) => {
    filledIn = temporary;
    expect(existsSync(folder)).toBe(false);
    expect(dirname(temporary)).toBe(dirname(folder));
    await fillWith("whole")(temporary);
  });
  expect(contentOf(folder)).toBe("whole");
  expect(filledIn).not.toBe(folder);
  expect(siblingsOf(folder)).toEqual(["built"]);
});

test("what is built is not built again", async () => {
  const folder = newPath("built");
  await buildOnce(folder, fillWith("first"));
  await buildOnce(folder, async () => {
    throw new Error("built twice");
  });
  expect(contentOf(folder)).toBe("first");
});

test("a failure is passed on and leaves nothing", async () => {
  const folder = newPath("built");
  const problem = new Error("no room");
  const failing = buildOnce(folder, async (temporary) => {
    await fillWith("half")(temporary);
    throw problem;
  });
  await expect(failing).rejects.toBe(problem);
  expect(siblingsOf(folder)).toEqual([]);
  await buildOnce(folder, fillWith("second try"));
  expect(contentOf(folder)).toBe("second try");
});

test("a build removes what dead builders left a day ago, and nothing younger", async () => {
  const folder = newPath("built");
  const [old, young] = [".building-1-old", ".building-2-young"].map((name) =>
    join(dirname(folder), name),
  ) as [string, string];
  for (const path of [old, young]) mkdirSync(path, { recursive: true });
  const dayBeforeYesterday = new Date(Date.now() - 2 * 24 * 60 * 60 * 1000);
  utimesSync(old, dayBeforeYesterday, dayBeforeYesterday);
  await buildOnce(folder, fillWith("whole"));
  expect(siblingsOf(folder).sort()).toEqual([".building-2-young", "built"]);
});

test("of two that build at a time one result stays, both succeed and nothing else is left", async () => {
  const folder = newPath("built");
  const begun: string[] = [];
  let bothBegan = () => {};
  const together = new Promise<void>((resolve) => {
    bothBegan = resolve;
  });
  const build = (name: string) =>
    buildOnce(folder, async (temporary) => {
      begun.push(name);
      if (begun.length === 2) bothBegan();
      await together;
      await fillWith(name)(temporary);
    });
  await Promise.all([build("one"), build("two")]);
  expect(begun.sort()).toEqual(["one", "two"]);
  expect(["one", "two"]).toContain(contentOf(folder));
  expect(siblingsOf(folder)).toEqual(["built"]);
});

test("a failure that only looks like a lost race is passed on", async () => {
  const folder = newPath("built");
  const problem = Object.assign(new Error("taken"), { code: "EEXIST" });
  const failing = buildOnce(folder, async () => {
    throw problem;
  });
  await expect(failing).rejects.toBe(problem);
});

describe("a process that is killed in the middle", () => {
  test("leaves nothing that is taken for a result, and its leftovers do no harm", async () => {
    const folder = newPath("built");
    const builder = await spawnBuilder();
    expect(await builder.ask({ hangIn: folder })).toBe("half done");
    await builder.kill();
    expect(existsSync(folder)).toBe(false);
    const leftovers = siblingsOf(folder);
    expect(leftovers).toEqual([expect.stringMatching(/^\.building-\d+-[0-9a-f]{12}$/)]);
    await buildOnce(folder, fillWith("whole"));
    expect(contentOf(folder)).toBe("whole");
    expect(siblingsOf(folder).sort()).toEqual([...leftovers, "built"].sort());
  });
});

test("leftovers of many dead processes do no harm", async () => {
  const folder = newPath("built");
  for (let pid = 1; pid <= 20; pid++)
    mkdirSync(join(dirname(folder), `.building-${pid}-0123456789ab`), { recursive: true });
  await buildOnce(folder, fillWith("whole"));
  expect(contentOf(folder)).toBe("whole");
});
