import { execFileSync } from "node:child_process";

/** Output that a page shows: below `<!-- output of: adaedl … -->`, in a fence. */
const example = /(<!-- output of: adaedl (.*) -->\n```\n)([\s\S]*?)(?=```\n)/g;

/** The commands of a page, and what it shows as their output. */
export function outputsOn(page: string): { args: string[]; output: string }[] {
  return [...page.matchAll(example)].map(([, , words = "", output = ""]) => ({
    args: words.split(" "),
    output,
  }));
}

/** The page with the output of each command as it is today. */
export function withOutputs(page: string): string {
  return page.replace(example, (_, before: string, words: string) => before + outputOf(words));
}

function outputOf(words: string): string {
  const node = ["--import", "tsx", "--conditions=@adaedl/source", "packages/cli/src/main.ts"];
  const env = { ...process.env, ADAEDL_CACHE_DIR: "node_modules/.cache/adaedl" };
  return execFileSync(process.execPath, [...node, ...words.split(" ")], { encoding: "utf8", env });
}
