import { readFileSync } from "node:fs";
import { parse } from "yaml";

/** A PromQL expression and where it stands. */
export interface Expression {
  readonly where: string;
  readonly text: string;
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string }[] };
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
}

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly description?: string;
  readonly gridPos: Readonly<Record<"x" | "y" | "w" | "h", number>>;
  readonly targets?: readonly { readonly expr: string }[];
}

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const deploy = new URL("../../deploy/", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, deploy), "utf8");

export const dashboard = JSON.parse(read("grafana/dashboards/adaedl.json")) as Dashboard;

const rules = parse(read("prometheus/alerts.yaml")) as {
  readonly groups: readonly { readonly rules: readonly AlertRule[] }[];
};
export const alerts: readonly AlertRule[] = rules.groups.flatMap((group) => group.rules);

export const dashboardExpressions: readonly Expression[] = [
  ...dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ where: `panel "${title}"`, text: fillIn(expr) })),
  ),
  ...dashboard.annotations.list.map(({ expr }) => ({ where: "annotations", text: fillIn(expr) })),
];

export const alertExpressions: readonly Expression[] = alerts.map(({ alert, expr }) => ({
  where: `alert ${alert}`,
  text: expr,
}));

/** What Grafana does before it asks. */
function fillIn(expr: string): string {
  return expr
    .replaceAll("$__rate_interval", "5m")
    .replaceAll("$__range", "1h")
    .replaceAll("$model", ".*");
}
