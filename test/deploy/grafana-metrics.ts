import { catalogues, type MetricDefinition, metricPrefix } from "@adaedl/telemetry";
import { parser } from "@prometheus-io/lezer-promql";
import type { Expression } from "./grafana-expressions.ts";

type SyntaxNode = ReturnType<typeof parser.parse>["topNode"];

/** By the label `component`, which scraping adds. */
const catalogueOf: Readonly<Record<string, keyof typeof catalogues>> = {
  gateway: "gateway",
  draft: "draft service",
  verifier: "verifier",
  "verifier-ingress": "verifier",
  "verifier-worker": "verifier",
};
/** Labels that scraping adds. */
const scraped = ["component", "instance", "job"];
/** Series that Prometheus makes itself. */
const ownSeries: Readonly<Record<string, readonly string[]>> = {
  up: scraped,
  ALERTS: ["alertname", "alertstate", "severity"],
};

interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

/** What does not fit the catalogue of metrics, or is no PromQL at all. */
export function problemsOf({ where, text }: Expression): string[] {
  const nodes: SyntaxNode[] = [];
  let isWrong = false;
  parser.parse(text).iterate({
    enter: ({ node, type }) => {
      nodes.push(node);
      isWrong ||= type.isError;
    },
  });
  if (isWrong) return [`${where}: no PromQL: ${text}`];
  const ofType = (name: string) => nodes.filter((node) => node.name === name);
  const textOf = ({ from, to }: SyntaxNode) => text.slice(from, to);

  const selectors = ofType("VectorSelector").map((node) => ({
    name: textOf(node.getChild("Identifier") ?? node),
    matchers: matchersOf(node, textOf),
  }));
  const known = new Set(selectors.flatMap(({ name, matchers }) => labelsOf(name, matchers)));
  // Quantiles are over the bounds of buckets.
  if (selectors.some(({ name }) => name.endsWith("_bucket"))) known.add("le");
  const grouped = ofType("GroupingLabels").flatMap((node) => node.getChildren("LabelName"));
  return [
    ...selectors.flatMap(({ name, matchers }) => problemsOfSelector(name, matchers)),
    ...grouped
      .map(textOf)
      .filter((label) => !known.has(label))
      .map((label) => `no metric here has a label ${label}`),
  ].map((problem) => `${where}: ${problem}`);
}

function matchersOf(node: SyntaxNode, textOf: (node: SyntaxNode) => string): Matcher[] {
  const list = node.getChild("LabelMatchers")?.getChildren("UnquotedLabelMatcher") ?? [];
  return list.map((matcher) => {
    const part = (name: string) => textOf(matcher.getChild(name) ?? matcher);
    return {
      label: part("LabelName"),
      operator: part("MatchOp"),
      value: part("StringLiteral").slice(1, -1),
    };
  });
}

function problemsOfSelector(name: string, matchers: readonly Matcher[]): string[] {
  if (Object.hasOwn(ownSeries, name)) return unknownLabels(name, matchers);
  const tellers = tellersOf(matchers);
  if (tellers.length === 0) return [`${name} does not say whose it is: component`];
  const missing = tellers.filter((teller) => definitionOf(name, teller) === undefined);
  if (missing.length > 0) return missing.map((teller) => `no ${teller} has ${name}`);
  return [
    ...unknownLabels(name, matchers),
    // A value that nothing has makes a panel that is empty for ever.
    ...matchers.flatMap(({ label, operator, value }) => {
      const values = tellers.flatMap((teller) => {
        const own = definitionOf(name, teller)?.label;
        return own?.name === label ? own.values : [];
      });
      const isExact = operator === "=" || operator === "!=";
      const fits = (known: string) =>
        isExact ? known === value : new RegExp(`^(?:${value})$`).test(known);
      return values.length === 0 || values.some(fits) ? [] : [`${name} has no ${label} ${value}`];
    }),
  ];
}

function unknownLabels(name: string, matchers: readonly Matcher[]): string[] {
  const known = labelsOf(name, matchers);
  return matchers
    .filter(({ label }) => !known.includes(label))
    .map(({ label }) => `${name} has no label ${label}`);
}

/** Who tells what is selected. */
function tellersOf(matchers: readonly Matcher[]): (keyof typeof catalogues)[] {
  const component = matchers.find(({ label }) => label === "component");
  if (component === undefined) return [];
  const { operator, value } = component;
  const names = Object.keys(catalogueOf).filter((name) =>
    operator === "=" ? name === value : new RegExp(`^(?:${value})$`).test(name),
  );
  return [...new Set(names.flatMap((name) => catalogueOf[name] ?? []))];
}

/** A histogram is there as its buckets, its sum and its count, and not by its own name. */
function definitionOf(name: string, teller: keyof typeof catalogues): MetricDefinition | undefined {
  if (!name.startsWith(metricPrefix)) return undefined;
  const catalogue: Readonly<Record<string, MetricDefinition>> = catalogues[teller];
  const own = name.slice(metricPrefix.length);
  const metric = catalogue[own];
  if (metric !== undefined) return metric.type === "histogram" ? undefined : metric;
  const [, base = ""] = /^(.+)_(?:bucket|sum|count)$/.exec(own) ?? [];
  return catalogue[base]?.type === "histogram" ? catalogue[base] : undefined;
}

function labelsOf(name: string, matchers: readonly Matcher[]): readonly string[] {
  if (Object.hasOwn(ownSeries, name)) return ownSeries[name] ?? [];
  return tellersOf(matchers).flatMap((teller) => {
    const metric = definitionOf(name, teller);
    if (metric === undefined) return [];
    // Gauges of a gateway are of no one model.
    const isOfModel = !(teller === "gateway" && metric.type === "gauge");
    return [
      ...scraped,
      ...(isOfModel ? ["model_name"] : []),
      ...(metric.label === undefined ? [] : [metric.label.name]),
      ...(name.endsWith("_bucket") ? ["le"] : []),
    ];
  });
}
