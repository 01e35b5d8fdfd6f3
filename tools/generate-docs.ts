// The pages that are made from the code: `npm run generate` writes them, `npm run generated` fails when what
// is there is something else.
import { readFileSync, writeFileSync } from "node:fs";
import { withOutputs } from "./docs/command-outputs.ts";
import { metricsPage } from "./docs/metrics-page.ts";
import { withModelTables } from "./docs/model-tables.ts";
import { withFieldTables } from "./docs/openai-tables.ts";
import { prometheusRule } from "./docs/prometheus-rule.ts";

const pages: Readonly<Record<string, (before: string) => string>> = {
  "docs/openai.md": withFieldTables,
  "docs/metrics.md": metricsPage,
  "docs/models.md": withModelTables,
  "deploy/kubernetes/components/monitoring/alerts.yaml": prometheusRule,
};

const isCheck = process.argv.includes("--check");
for (const [file, make] of Object.entries(pages)) {
  const before = readFileSync(file, "utf8");
  const text = make(before);
  if (!isCheck) writeFileSync(file, text);
  else if (text !== before) {
    console.error(`${file} differs from what the code says: npm run generate`);
    process.exitCode = 1;
  }
}

// They run models for some seconds, which a check must not: test/e2e/advise.test.ts runs them.
if (!isCheck) {
  const file = "docs/advise.md";
  writeFileSync(file, withOutputs(readFileSync(file, "utf8")));
}
