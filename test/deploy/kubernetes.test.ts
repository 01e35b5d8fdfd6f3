import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { documentedSecrets } from "./kubernetes-documented-secrets.ts";
import { canRender } from "./kubernetes-kubectl.ts";
import { metricProblems, unknownMetrics } from "./kubernetes-metric-rules.ts";
import { networkProblems } from "./kubernetes-network-rules.ts";
import { type KubeObject, ofKind, workloadsOf } from "./kubernetes-objects.ts";
import { referenceProblems } from "./kubernetes-reference-rules.ts";
import { kubernetesDirectory, nameOf, render, variants } from "./kubernetes-render.ts";
import { schemaProblems } from "./kubernetes-schemas.ts";
import { settingProblems } from "./kubernetes-setting-rules.ts";
import { workloadProblems } from "./kubernetes-workload-rules.ts";

describe.skipIf(!canRender)("deploy/kubernetes", () => {
  describe.each(variants.map((variant) => ({ ...variant, name: nameOf(variant) })))(
    "$name",
    (variant) => {
      let objects: readonly KubeObject[] = [];
      beforeAll(() => {
        objects = render(variant);
      });

      test("every object fits its schema", () => {
        expect(schemaProblems(objects)).toEqual([]);
        expect(objects.length).toBeGreaterThan(5);
      });
      test("pods are probed, limited, confined, drained and spread", () => {
        expect(workloadProblems(objects)).toEqual([]);
        expect(workloadsOf(objects).length).toBeGreaterThan(1);
      });
      test("every name leads somewhere", () => {
        expect(referenceProblems(objects, documentedSecrets())).toEqual([]);
      });
      test("the network allows what the settings call, and nothing else", () => {
        expect(networkProblems(objects)).toEqual([]);
      });
      test("scaling goes by metrics that are exported and scraped", () => {
        expect(metricProblems(objects)).toEqual([]);
      });
      test("the commands take every setting", async () => {
        expect(await settingProblems(objects)).toEqual([]);
      });
    },
  );

  test("the cloud scales by one scaler or the other", () => {
    const kinds = (name: string) =>
      ["ScaledObject", "HorizontalPodAutoscaler"].map((kind) => {
        const variant = variants.find((known) => nameOf(known) === name);
        return variant === undefined ? -1 : ofKind(render(variant), kind).length;
      });
    expect(kinds("cloud")).toEqual([1, 0]);
    expect(kinds("cloud - scale-keda + scale-hpa")).toEqual([0, 1]);
  });

  test("a GPU worker asks for a GPU, and nobody else does", () => {
    const gpus = workloadsOf(render({ overlay: "cloud" })).flatMap(({ name, containers, pod }) =>
      containers
        .filter(({ resources }) => resources?.limits?.["nvidia.com/gpu"] !== undefined)
        .map(({ image }) => ({ name, image, node: pod.nodeSelector })),
    );
    expect(gpus).toEqual([
      {
        name: "verifier-worker",
        image: expect.stringMatching(/^adaedl\/verifier-cuda:/),
        node: { "nvidia.com/gpu.present": "true" },
      },
    ]);
  });
});

test("every overlay and component is in a variant", () => {
  const named = (kind: string) => readdirSync(join(kubernetesDirectory, kind)).sort();
  const overlays = [...new Set(variants.map(({ overlay }) => overlay))];
  expect(overlays.sort()).toEqual(named("overlays"));
  const components = named("overlays").flatMap((overlay) => {
    const file = join(kubernetesDirectory, "overlays", overlay, "kustomization.yaml");
    const { components = [] } = parse(readFileSync(file, "utf8")) as { components?: string[] };
    return components.map((path) => path.replace("../../components/", ""));
  });
  const added = variants.flatMap(({ add = [] }) => add);
  expect([...new Set([...components, ...added])].sort()).toEqual(named("components"));
});

test("the rules for prometheus-adapter ask for metrics that there are", () => {
  const file = join(kubernetesDirectory, "components/scale-hpa/adapter-values.yaml");
  const { rules } = parse(readFileSync(file, "utf8")) as {
    rules: { external: { seriesQuery: string }[] };
  };
  const [, common = "", ends = ""] =
    /\^(\w+)\((.*?)\)\$/.exec(rules.external[0]?.seriesQuery ?? "") ?? [];
  const names = ends.split("|").map((end) => common + end);
  expect(names).toHaveLength(2);
  expect(unknownMetrics(names.join(" "))).toEqual([]);
});

test("the documentation speaks of every overlay, component and Secret", () => {
  const text = readFileSync(
    fileURLToPath(new URL("../../docs/kubernetes.md", import.meta.url)),
    "utf8",
  );
  const parts = ["overlays", "components"].flatMap((kind) =>
    readdirSync(join(kubernetesDirectory, kind)),
  );
  expect(parts.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  expect(unknownMetrics(text)).toEqual([]);
});
