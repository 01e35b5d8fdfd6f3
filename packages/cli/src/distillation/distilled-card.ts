import { basename } from "node:path";
import { exampleModelDirectory } from "@adaedl/example-models";
import type { DistillReport } from "@adaedl/learning";
import { finePercent } from "../output/numbers.ts";

export interface CardFacts {
  /** As they were given. */
  readonly target: string;
  readonly draft: string;
  readonly prompts?: string | undefined;
  /** All others that the weights depend on. */
  readonly flags: string;
  readonly before: DistillReport;
  readonly after: DistillReport;
}

/** The card of a distilled draft, in Markdown: what was done, and what it gave. */
export function distilledCard({ target, draft, prompts, flags, before, after }: CardFacts): string {
  const nameOf = (model: string) =>
    exampleModelDirectory(model) === undefined ? basename(model) : model;
  const file = prompts === undefined ? "" : ` --prompts ${basename(prompts)}`;
  const minutes = (after.elapsedMs / 60_000).toFixed(1);
  return `# ${nameOf(draft)}, distilled on ${nameOf(target)}

A draft model for speculative decoding. It was trained by AdaEDL on ${after.numJudged} tokens that its target wrote meanwhile, in
${after.numSteps} steps and ${minutes} minutes. The weights are the moving average over the last steps.

    adaedl distill --target ${nameOf(target)} --draft ${nameOf(draft)} --out DIR ${flags}${file}

The match probability, the chance that draft and target choose the same token, on texts that were not trained on:

${matchTable(before, after)}
`;
}

/** Match probabilities before and after training, by temperature. */
export function matchTable(before: DistillReport, after: DistillReport): string {
  const rows = [...(after.match ?? [])].map(([temperature, match]) => {
    const earlier = before.match?.get(temperature) ?? Number.NaN;
    return `| ${temperature} | ${finePercent(earlier)} | ${finePercent(match)} |`;
  });
  return ["| temperature | match probability before | after |", "|---|---|---|", ...rows].join(
    "\n",
  );
}
