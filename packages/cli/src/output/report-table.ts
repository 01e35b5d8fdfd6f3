import { basename } from "node:path";
import type { WeightSizes } from "@adaedl/model";
import type { MatchReport } from "../inspection/match-with.ts";
import type { ModelReport, NamedToken } from "../inspection/model-report.ts";
import type { Colors } from "./colors.ts";
import { finePercent, withUnit } from "./numbers.ts";

/** A model report for people: one fact a line, and the verdict last. */
export function renderReport(
  report: ModelReport & { readonly match: MatchReport | null },
  colors: Colors,
): string {
  const facts: readonly (readonly [string, string | null])[] = [
    ["architecture", report.architecture],
    ["format", formatOf(report)],
    ["parameters", parametersOf(report)],
    ["prepared as", bytesByPrecision(report, ({ disk }) => disk)],
    ["in memory", bytesByPrecision(report, ({ shared, perGraph }) => shared + perGraph)],
    ["KV cache", cacheOf(report)],
    ["drafts in", report.draftWeights],
    ["layers", show(report.numLayers)],
    ["hidden size", show(report.hiddenSize)],
    ["heads", headsOf(report)],
    ["vocabulary", show(report.vocabSize)],
    ["context", report.contextLength === null ? null : `${report.contextLength} tokens`],
    ["rope", report.ropeType],
    ["in parallel", parallelOf(report)],
    ["tokenizer", tokenizerOf(report)],
    ["bos", report.bosToken && tokenText(report.bosToken)],
    ["eos", report.eosTokens.map(tokenText).join(", ") || null],
    ["chat template", chatTemplateOf(report)],
    ["size on disk", showBytes(report.sizeBytes)],
    ["match", matchOf(report)],
  ];
  const line = (label: string, text: string) => `${colors.dim(label.padEnd(13))}  ${text}`;
  const verdict = report.runs
    ? [line("runs", colors.green("yes"))]
    : report.problems.map((problem, index) =>
        index === 0 ? line("runs", `${colors.red("no")} — ${problem}`) : line("", problem),
      );
  return [
    colors.bold(report.directory),
    ...facts.flatMap(([label, text]) => (text === null ? [] : [line(label, text)])),
    ...verdict,
  ].join("\n");
}

function formatOf({ format }: ModelReport): string | null {
  if (format === null) return null;
  return format === "safetensors"
    ? "safetensors (the graph is built here)"
    : "exported ONNX graph (compatibility path, slower)";
}

function parametersOf({ numParameters, weightTypes }: ModelReport): string | null {
  if (numParameters === null) return null;
  return `${withUnit(numParameters, ["", "k", "M", "B"], 1000)} ${(weightTypes ?? []).join(", ")}`;
}

/** Sizes of the weights by `--weights`. */
function bytesByPrecision(
  { preparedBytes }: ModelReport,
  bytesOf: (sizes: WeightSizes) => number,
): string | null {
  if (preparedBytes === null) return null;
  const sizes = Object.entries(preparedBytes);
  return sizes.map(([precision, bytes]) => `${precision} ${showBytes(bytesOf(bytes))}`).join(", ");
}

function cacheOf({ kvBytesPerToken }: ModelReport): string | null {
  return kvBytesPerToken === null ? null : `${showBytes(kvBytesPerToken)} a token`;
}

function showBytes(bytes: number): string {
  return withUnit(bytes, ["B", "kB", "MB", "GB", "TB"], 1000);
}

function headsOf({ numHeads, numKeyValueHeads, headDim }: ModelReport): string | null {
  return numHeads === null
    ? null
    : `${numHeads}, key-value heads ${numKeyValueHeads}, head dim ${headDim}`;
}

function parallelOf({ parallelDrafting }: ModelReport): string | null {
  if (parallelDrafting === null) return null;
  const { depth, maskTokenId } = parallelDrafting;
  return `drafts ${depth} places in one forward (mask ${maskTokenId})`;
}

function tokenizerOf({ tokenizerKind, tokenizerSize }: ModelReport): string | null {
  return tokenizerKind === null ? null : `${tokenizerKind}, ${tokenizerSize} tokens`;
}

function tokenText({ id, token }: NamedToken): string {
  return token === null ? String(id) : `${token} (${id})`;
}

function chatTemplateOf({ hasChatTemplate, chatTemplateProblem }: ModelReport): string | null {
  if (chatTemplateProblem !== null) return `no — ${chatTemplateProblem}`;
  return hasChatTemplate === null ? null : yesNo(hasChatTemplate);
}

function matchOf({ match }: { readonly match: MatchReport | null }): string | null {
  if (match === null) return null;
  const { target, numTexts, numTokens, matches } = match;
  const shares = matches.map(
    ({ temperature, match }) => `${finePercent(match)} at temperature ${temperature}`,
  );
  return `${shares.join(", ")} (${numTexts} texts of ${numTokens} tokens by ${basename(target)})`;
}

function show(value: number | null): string | null {
  return value === null ? null : String(value);
}

function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}
