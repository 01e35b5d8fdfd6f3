import { AdaedlError, type CommittedToken } from "@adaedl/core";
import { type ExamplePairName, examplePrompts } from "@adaedl/example-models";
import { asRequest } from "../../fail.ts";
import type { Generation } from "../../generation.ts";
import { colorsFor } from "../../output/colors.ts";
import {
  type ComparisonRow,
  comparisonRow,
  renderComparison,
} from "../../output/comparison-table.ts";
import { explainSpeed, measuredRun } from "../../output/explain-speed.ts";
import { createTextWriter, originLegend } from "../../output/text-writer.ts";
import { generateRemotely } from "../../remote/generate-remotely.ts";
import type { OpenPair } from "../../remote/open-pair.ts";

interface Comparison {
  readonly pair: ExamplePairName;
  readonly maxTokens: number;
  /** Nothing is printed. */
  readonly isQuiet: boolean;
}

/** The target alone, two ways in rounds, and the stream. */
const policies = ["none", "static:5", "adaedl", "stream"] as const;
/** The first to run: its text is shown. */
const shownPolicy = "stream";
const warmUpTokens = 24;

/**
 * Has the same text decoded under each policy and prints what each took.
 * @returns the rows of the table
 */
export async function comparePolicies(
  { pair, maxTokens, isQuiet }: Comparison,
  services: OpenPair,
  signal: AbortSignal,
): Promise<readonly ComparisonRow[]> {
  const out = process.stdout;
  const colors = colorsFor(out);
  const say = (lines: readonly string[]) => void (isQuiet || out.write(`${lines.join("\n")}\n`));
  const [draftName, targetName] = [`${pair}-draft`, `${pair}-target`].map(colors.bold);
  say([
    `${draftName} drafts at ${services.draftAddress} (process 1),`,
    `${targetName} verifies at ${services.verifierAddress} (process 2).\n`,
  ]);

  const text = examplePrompts(pair)[0] ?? "";
  const common = { prompt: { type: "text" as const, text }, seed: 1, ignoreEos: true };
  const run = async (
    policy: string,
    maxTokens: number,
    onToken?: (token: CommittedToken) => void,
  ) => {
    const request = { ...common, policy, maxTokens, sampling: { temperature: 0.7 } };
    const generate = () => generateRemotely(services.client, request, signal, undefined, onToken);
    return (await asRequest(generate)).generation;
  };
  // Not measured: the first forwards of a process are slow, whosever turn it is.
  for (const policy of ["none", shownPolicy]) await run(policy, Math.min(warmUpTokens, maxTokens));

  const writer = isQuiet ? undefined : createTextWriter(out, true);
  writer?.prompt(text);
  const shown = await run(shownPolicy, maxTokens, writer?.token).finally(writer?.end);
  if (colors.isColorSupported) say([originLegend(colors)]);
  say(["", "Now the same without drafts, and in rounds.", ""]);
  const generations = new Map<string, Generation>();
  for (const policy of policies)
    generations.set(policy, policy === shownPolicy ? shown : await run(policy, maxTokens));
  checkSameTokens(generations);
  const rows = [...generations].map(([policy, generation]) => comparisonRow(policy, generation));
  const plain = generations.get("none");
  if (plain === undefined) return rows;
  say([
    renderComparison(rows, colors),
    "",
    "none is the target alone; static:5 and adaedl draft in rounds, and wait a round trip for each verdict.",
    `The same ${maxTokens} tokens four times: speculation changes the speed, never the words.`,
    ...explainSpeed(measuredRun(shown), measuredRun(plain)),
  ]);
  return rows;
}

/** What makes speculation lossless is checked before it is said. */
function checkSameTokens(generations: ReadonlyMap<string, Generation>): void {
  const plain = generations.get("none")?.tokenIds ?? [];
  for (const [policy, { tokenIds }] of generations) {
    const same = tokenIds.length === plain.length && tokenIds.every((id, i) => id === plain[i]);
    if (!same) throw new AdaedlError("internal", `${policy} and none decoded different tokens`);
  }
}
