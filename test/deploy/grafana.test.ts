import { catalogues, metricPrefix } from "@adaedl/telemetry";
import { describe, expect, test } from "vitest";
import {
  alertExpressions,
  alerts,
  dashboard,
  dashboardExpressions,
} from "./grafana-expressions.ts";
import { problemsOf } from "./grafana-metrics.ts";

const problemsIn = (text: string) => problemsOf({ where: "here", text });

describe("the dashboard", () => {
  test("asks in PromQL for metrics and labels that there are", () => {
    expect(dashboardExpressions.length).toBeGreaterThan(40);
    expect(dashboardExpressions.flatMap(problemsOf)).toEqual([]);
  });

  test("shows all there is to know", () => {
    const asked = dashboardExpressions.map(({ text }) => text).join("\n");
    const unseen = Object.values(catalogues).flatMap((catalogue) =>
      Object.keys(catalogue).filter((name) => !asked.includes(metricPrefix + name)),
    );
    expect(unseen).toEqual([]);
  });

  test("has panels that say what they show, beside each other", () => {
    const shown = dashboard.panels.filter(({ type }) => type !== "row");
    expect(shown.filter(({ description }) => (description ?? "") === "")).toEqual([]);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const overlaps = shown.flatMap((one, index) =>
      shown
        .slice(index + 1)
        .filter(({ gridPos: b }) => {
          const a = one.gridPos;
          return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
        })
        .map((other) => `${one.title} and ${other.title}`),
    );
    expect(overlaps).toEqual([]);
    expect(shown.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
  });

  test("knows no other variables than its own and Grafana's", () => {
    const names = dashboard.templating.list.map(({ name }) => name);
    const used = JSON.stringify(dashboard).matchAll(/\$\{?([a-z]\w*)/g);
    expect([...used].map(([, name]) => name).filter((name) => !names.includes(name ?? ""))).toEqual(
      [],
    );
  });
});

describe("the alerts", () => {
  test("ask in PromQL for metrics and labels that there are", () => {
    expect(alertExpressions.length).toBeGreaterThanOrEqual(7);
    expect(alertExpressions.flatMap(problemsOf)).toEqual([]);
  });

  test.each(alerts)("$alert says what is wrong, how bad it is and what to do", (rule) => {
    const { alert, labels, annotations } = rule;
    expect(alert).toMatch(/^Adaedl[A-Z]\w+$/);
    expect(labels.severity).toMatch(/^(warning|critical)$/);
    expect(annotations.summary).toMatch(/^.{10,80}$/);
    expect(annotations.description).toMatch(/\.$/);
    expect(annotations.runbook_url).toBe(`docs/operations.md#${alert.toLowerCase()}`);
  });

  test("each have a name of their own", () => {
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
  });

  test("that tell of a series by its labels have those labels", () => {
    // What is left after "sum by (…)" or a plain selector; the texts may speak of nothing else.
    const broken = alerts.flatMap(({ alert, expr, annotations }) => {
      const used = Object.values(annotations).flatMap((text) =>
        [...text.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label ?? ""),
      );
      const isSummed = /\b(?:sum|max|min)\b/.test(expr);
      const kept = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = ""]) =>
        list.split(/, */),
      );
      const has = (label: string) =>
        isSummed ? kept.includes(label) : ["component", "instance"].includes(label);
      return used.filter((label) => !has(label)).map((label) => `${alert}: ${label}`);
    });
    expect(broken).toEqual([]);
  });
});

describe("what would be found", () => {
  test.each([
    ["no PromQL", 'sum(rate(adaedl_generation_tokens_total{component="draft"}[5m])'],
    ["no PromQL", "histogram_quantile(0.9, by (le) adaedl_draft_forward_seconds_bucket)"],
    ["no draft service has adaedl_draft_size", 'adaedl_draft_size{component="draft"}'],
    ["no gateway has adaedl_num_workers", 'adaedl_num_workers{component="gateway"}'],
    [
      "no draft service has adaedl_draft_frontier_tokens",
      'adaedl_draft_frontier_tokens{component="draft"}',
    ],
    ["no verifier has adaedl_num_workers_sum", 'adaedl_num_workers_sum{component="verifier"}'],
    ["no draft service has vllm_up", 'vllm_up{component="draft"}'],
    ["does not say whose it is", "rate(adaedl_generation_tokens_total[5m])"],
    ["does not say whose it is", 'adaedl_num_workers{component="redis"}'],
    ["has no label reason", 'adaedl_commits_total{component="verifier", reason="none"}'],
    ["has no draft late", 'adaedl_commits_total{component="verifier", draft="late"}'],
    ["has no label model_name", 'adaedl_num_draft_services{component="gateway", model_name="a"}'],
    ["a label reason", 'sum by (reason) (adaedl_commits_total{component="verifier"})'],
    ["a label le", 'sum by (le) (adaedl_draft_frontier_tokens_sum{component="draft"})'],
  ])("%s", (problem, text) => {
    expect(problemsIn(text)).toEqual([expect.stringContaining(problem)]);
  });
});
