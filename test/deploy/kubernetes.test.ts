import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { documentedSecrets } from "./kubernetes-documented-secrets.ts";
import { canRender } from "./kubernetes-kubectl.ts";
import { labelProblems } from "./kubernetes-label-rules.ts";
import { metricProblems, unknownMetrics } from "./kubernetes-metric-rules.ts";
import { networkProblems } from "./kubernetes-network-rules.ts";
import {
  type KubeObject,
  ofKind,
  ownImage,
  quantity,
  specOf,
  workloadsOf,
} from "./kubernetes-objects.ts";
import { referenceProblems } from "./kubernetes-reference-rules.ts";
import {
  kubernetesDirectory,
  nameOf,
  render,
  renderOwn,
  type Variant,
  variants,
} from "./kubernetes-render.ts";
import { routeProblems } from "./kubernetes-route-rules.ts";
import { schemaProblems } from "./kubernetes-schemas.ts";
import { settingProblems } from "./kubernetes-setting-rules.ts";
import { workloadProblems } from "./kubernetes-workload-rules.ts";
import { version } from "./version.ts";

const documentation = readFileSync(
  fileURLToPath(new URL("../../docs/kubernetes.md", import.meta.url)),
  "utf8",
);

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
        expect(routeProblems(objects, documentedSecrets())).toEqual([]);
      });
      test("every object has the recommended labels, and the version of the repository", () => {
        expect(labelProblems(objects, version)).toEqual([]);
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

  test("the cloud scales workers by one scaler or the other, and gateways", () => {
    const scalers = (variant: Variant) =>
      render(variant)
        .filter(({ kind }) => ["ScaledObject", "HorizontalPodAutoscaler"].includes(kind))
        .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
        .sort();
    const gateways = "HorizontalPodAutoscaler gateway";
    expect(scalers({ overlay: "cloud" })).toEqual([gateways, "ScaledObject verifier-worker"]);
    const withHpa = { overlay: "cloud", remove: ["scale-keda"], add: ["scale-hpa"] };
    expect(scalers(withHpa)).toEqual([gateways, "HorizontalPodAutoscaler verifier-worker"]);
  });

  test("a GPU worker asks for a GPU, nobody else does, and none is asked for by default", () => {
    const gpus = (variant: Variant) =>
      workloadsOf(render(variant)).flatMap(({ name, containers, pod }) =>
        containers
          .filter(({ resources }) => resources?.limits?.["nvidia.com/gpu"] !== undefined)
          .map((container) => ({ name, image: ownImage(container), node: pod.nodeSelector })),
      );
    expect(gpus({ overlay: "cloud" })).toEqual([]);
    expect(gpus({ overlay: "cloud", add: ["gpu"] })).toEqual([
      {
        name: "verifier-worker",
        image: "verifier-cuda",
        node: { "nvidia.com/gpu.present": "true" },
      },
    ]);
  });

  test.each(["local", "cloud"])("%s takes the memory that the documentation says", (overlay) => {
    const bytes = workloadsOf(render({ overlay })).flatMap(({ replicas, containers }) =>
      // Scalers begin with two.
      containers.map(({ resources }) => (replicas ?? 2) * quantity(resources?.requests?.memory)),
    );
    const total = bytes.reduce((sum, one) => sum + one, 0) / 2 ** 30;
    const row = documentation.split("\n").find((line) => line.startsWith(`| \`${overlay}\` |`));
    expect(row).toContain(` ${total} GiB of memory`);
  });

  test("monitoring brings the alerts and the dashboard that Compose has", () => {
    const objects = render({ overlay: "cloud" });
    const deployed = (path: string) =>
      readFileSync(new URL(`../../deploy/${path}`, import.meta.url), "utf8");
    const rules = ofKind(objects, "PrometheusRule").map(specOf);
    expect(rules).toEqual([parse(deployed("prometheus/alerts.yaml"))]);
    const dashboards = ofKind(objects, "ConfigMap").filter(
      ({ metadata }) => metadata.labels?.grafana_dashboard === "1",
    );
    expect(dashboards.map(({ data }) => data)).toEqual([
      { "adaedl.json": deployed("grafana/dashboards/adaedl.json") },
    ]);
  });
});

test.skipIf(!canRender)("the documented overlay of a user's own replaces the registry", () => {
  const [, own = ""] = /```yaml\n([\s\S]*?)```/.exec(documentation) ?? [];
  const objects = renderOwn(own);
  const containers = workloadsOf(objects).flatMap((workload) => workload.containers);
  expect([...new Set(containers.map(({ image }) => image))].sort()).toEqual([
    ...["draft", "gateway", "verifier"].map(
      (name) => `images.example.org/adaedl/${name}:${version}`,
    ),
    expect.stringMatching(/^redis:/),
  ]);
  expect(new Set(objects.map(({ metadata }) => metadata.namespace ?? metadata.name))).toEqual(
    new Set(["adaedl"]),
  );
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
  const parts = ["overlays", "components"].flatMap((kind) =>
    readdirSync(join(kubernetesDirectory, kind)),
  );
  expect(parts.filter((name) => !documentation.includes(`\`${name}\``))).toEqual([]);
  expect(unknownMetrics(documentation)).toEqual([]);
});
