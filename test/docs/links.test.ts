import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pages, root, textOf } from "./pages.ts";

/** Links of a page to files of the repository and to headings. */
const linksOf = (text: string) =>
  [...text.replaceAll(/^```[\s\S]*?^```/gm, "").matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^https?:/.test(target));

/** As GitHub names a heading. */
const anchorsOf = (text: string) =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );

/** Links that lead nowhere. */
function deadLinks(page: string, text: string): string[] {
  return linksOf(text).filter((link) => {
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? page : join(page, "..", path);
    if (!existsSync(join(root, target))) return true;
    const linked = target === page ? text : anchor === undefined ? "" : textOf(target);
    return anchor !== undefined && !anchorsOf(linked).includes(anchor);
  });
}

test.each(pages)("every link of %s leads somewhere", (page) => {
  expect(deadLinks(page, textOf(page))).toEqual([]);
});

test("links that lead nowhere are found", () => {
  const text = "# One\n[a](#one) [b](#two) [c](docs/nothing.md) [d](docs/gpu.md#providers)";
  expect(deadLinks("README.md", text)).toEqual(["#two", "docs/nothing.md"]);
});
