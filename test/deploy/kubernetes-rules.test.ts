import { beforeAll, describe, expect, test } from "vitest";
import { documentedSecrets } from "./kubernetes-documented-secrets.ts";
import { canRender } from "./kubernetes-kubectl.ts";
import { labelProblems } from "./kubernetes-label-rules.ts";
import { metricProblems } from "./kubernetes-metric-rules.ts";
import { networkProblems } from "./kubernetes-network-rules.ts";
import type { KubeObject } from "./kubernetes-objects.ts";
import { referenceProblems } from "./kubernetes-reference-rules.ts";
import { render } from "./kubernetes-render.ts";
import { routeProblems } from "./kubernetes-route-rules.ts";
import { schemaProblems } from "./kubernetes-schemas.ts";
import { settingProblems } from "./kubernetes-setting-rules.ts";
import { workloadProblems } from "./kubernetes-workload-rules.ts";
import { version } from "./version.ts";

// Each rule must be able to fail: what is rendered is broken in one place, and that has to be said.

// biome-ignore lint/suspicious/noExplicitAny: what is broken has no type any more
type Broken = any;
type Break = (object: Broken, container: Broken) => void;

let overlays: Record<string, readonly KubeObject[]> = {};

/** The objects of an overlay, one of them broken. */
function broken(overlay: string, kindAndName: string, change: Break): KubeObject[] {
  const objects = structuredClone(overlays[overlay] ?? []) as KubeObject[];
  const object = objects.find(({ kind, metadata }) => `${kind} ${metadata.name}` === kindAndName);
  if (object === undefined) throw new Error(`${overlay} has no ${kindAndName}`);
  const { spec } = object as Broken;
  change(object, spec?.template?.spec?.containers?.[0]);
  return objects;
}

const without = (overlay: string, kindAndName: string) =>
  (overlays[overlay] ?? []).filter(
    ({ kind, metadata }) => `${kind} ${metadata.name}` !== kindAndName,
  );

const podOf = (object: Broken) => object.spec.template.spec;
const variable = (container: Broken, name: string) =>
  container.env.find((known: Broken) => known.name === name);

describe.skipIf(!canRender)("rules for deploy/kubernetes", () => {
  beforeAll(() => {
    overlays = Object.fromEntries(
      ["local", "cloud", "tls", "edge"].map((overlay) => [overlay, render({ overlay })]),
    );
    overlays.options = render({ overlay: "cloud", add: ["traces", "ingress", "http-route"] });
  });

  test.each<[string, string, Break, string]>([
    [
      "an unknown kind",
      "Deployment gateway",
      (object) => {
        object.kind = "Deploiment";
      },
      "no schema for apps/v1",
    ],
    [
      "an API version that is gone",
      "Deployment gateway",
      (object) => {
        object.apiVersion = "apps/v1beta1";
      },
      "no schema for apps/v1beta1",
    ],
    [
      "a misspelt field",
      "Deployment gateway",
      (_, container) => {
        container.readynessProbe = container.readinessProbe;
      },
      "its schema does not know /spec/template/spec/containers/0/readynessProbe",
    ],
    [
      "a wrong type",
      "Service gateway",
      (object) => {
        object.spec.ports[0].port = "eighty";
      },
      "port",
    ],
    [
      "a missing field",
      "ScaledObject verifier-worker",
      (object) => {
        delete object.spec.scaleTargetRef;
      },
      "scaleTargetRef",
    ],
    [
      "a misspelt field of another's kind",
      "PodMonitor adaedl",
      (object) => {
        object.spec.podMetricsEndpoints[0].intervall = "1s";
      },
      "does not know /spec/podMetricsEndpoints/0/intervall",
    ],
    [
      "a misspelt field of a route",
      "HTTPRoute gateway",
      (object) => {
        object.spec.rules[0].timeout = {};
      },
      "does not know /spec/rules/0/timeout",
    ],
    [
      "a wrong value in a route",
      "HTTPRoute gateway",
      (object) => {
        object.spec.rules[0].matches[0].path.type = "Prefix";
      },
      "HTTPRoute gateway",
    ],
  ])("the schemas report %s", (_, object, change, problem) => {
    expect(schemaProblems(broken("options", object, change)).join("\n")).toContain(problem);
  });

  const gateway = "Deployment gateway";
  const worker = "Deployment verifier-worker";
  const draft = "StatefulSet draft";
  test.each<[string, string, Break]>([
    [
      "has no livenessProbe",
      gateway,
      (_, container) => {
        delete container.livenessProbe;
      },
    ],
    [
      "its livenessProbe asks /readyz, not /livez",
      gateway,
      (_, container) => {
        container.livenessProbe.httpGet.path = "/readyz";
      },
    ],
    [
      "its readinessProbe asks /metrics, not /readyz",
      gateway,
      (_, container) => {
        container.readinessProbe.httpGet.path = "/metrics";
      },
    ],
    [
      "readinessProbe asks port 50052, which is none of its own",
      worker,
      (_, container) => {
        container.readinessProbe.grpc.port = 50_052;
      },
    ],
    [
      "startupProbe is none of gRPC",
      draft,
      (_, container) => {
        container.startupProbe.tcpSocket = { port: "grpc" };
        delete container.startupProbe.grpc;
      },
    ],
    [
      "livenessProbe must ask in one way, not 2",
      draft,
      (_, container) => {
        container.livenessProbe.tcpSocket = { port: "grpc" };
      },
    ],
    [
      "startupProbe: Kubernetes speaks gRPC without TLS",
      "StatefulSet verifier-ingress",
      (_, container) => {
        container.env.push({ name: "ADAEDL_TLS_CERT", value: "/tls.crt" });
      },
    ],
    [
      "is killed after 79 s, and may need 80 s",
      gateway,
      (object) => {
        podOf(object).terminationGracePeriodSeconds = 79;
      },
    ],
    [
      "has no terminationGracePeriodSeconds",
      "StatefulSet redis",
      (object) => {
        delete podOf(object).terminationGracePeriodSeconds;
      },
    ],
    [
      "preStop does not sleep long enough",
      worker,
      (_, container) => {
        delete container.lifecycle;
      },
    ],
    [
      "ADAEDL_DRAIN_TIMEOUT is not set",
      worker,
      (_, container) => {
        variable(container, "ADAEDL_DRAIN_TIMEOUT").name = "OTHER";
      },
    ],
    [
      "drains for longer than a draft service waits",
      worker,
      (_, container) => {
        variable(container, "ADAEDL_DRAIN_TIMEOUT").value = "60";
      },
    ],
    [
      "runs 5 threads on 4 cores",
      worker,
      (_, container) => {
        variable(container, "ADAEDL_THREADS").value = "5";
      },
    ],
    [
      "ADAEDL_CACHE_DIR /elsewhere cannot be written to",
      draft,
      (_, container) => {
        variable(container, "ADAEDL_CACHE_DIR").value = "/elsewhere";
      },
    ],
    [
      "image registry.example.com/adaedl/gateway has no version",
      gateway,
      (_, container) => {
        container.image = "registry.example.com/adaedl/gateway";
      },
    ],
    [
      "image registry.example.com/adaedl/gateway:latest has no version",
      gateway,
      (_, container) => {
        container.image = "registry.example.com/adaedl/gateway:latest";
      },
    ],
    [
      "requests 100m of undefined cpu",
      gateway,
      (_, container) => {
        delete container.resources.limits.cpu;
      },
    ],
    [
      "requests 500Mi of 512Mi memory",
      gateway,
      (_, container) => {
        container.resources.requests.memory = "500Mi";
      },
    ],
    [
      "has REDISCLI_AUTH in the arguments of a process",
      "StatefulSet redis",
      (_, container) => {
        container.args = ["/etc/redis/redis.conf", "--requirepass", "$(REDISCLI_AUTH)"];
      },
    ],
    [
      "has REDISCLI_AUTH in the arguments of a process",
      "StatefulSet redis",
      (_, container) => {
        container.args[2] = `redis-cli -a $REDISCLI_AUTH ping; ${container.args[2]}`;
      },
    ],
    [
      "image adaedl/gateway:0.1.0 is in no registry of the user's",
      gateway,
      (_, container) => {
        container.image = "adaedl/gateway:0.1.0";
      },
    ],
    [
      "may run as root",
      gateway,
      (object) => {
        podOf(object).securityContext.runAsUser = 0;
      },
    ],
    [
      "may run as root",
      gateway,
      (object) => {
        delete podOf(object).securityContext.runAsNonRoot;
      },
    ],
    [
      "may make any system call",
      gateway,
      (object) => {
        delete podOf(object).securityContext.seccompProfile;
      },
    ],
    [
      "may write to its root file system",
      gateway,
      (_, container) => {
        container.securityContext.readOnlyRootFilesystem = false;
      },
    ],
    [
      "may escalate its privileges",
      gateway,
      (_, container) => {
        delete container.securityContext.allowPrivilegeEscalation;
      },
    ],
    [
      "keeps capabilities",
      gateway,
      (_, container) => {
        container.securityContext.capabilities.add = ["NET_ADMIN"];
      },
    ],
    [
      "has a token of the cluster",
      gateway,
      (object) => {
        delete podOf(object).automountServiceAccountToken;
      },
    ],
    [
      "its selector does not match its pods",
      gateway,
      (object) => {
        object.spec.selector.matchLabels["app.kubernetes.io/component"] = "gate";
      },
    ],
    [
      "volume cache may fill the node",
      draft,
      (object) => {
        podOf(object).volumes.find((volume: Broken) => volume.name === "cache").emptyDir = {};
      },
    ],
    [
      "is not spread over kubernetes.io/hostname",
      gateway,
      (object) => {
        podOf(object).topologySpreadConstraints[0].labelSelector.matchLabels = { other: "pods" };
      },
    ],
    [
      "has a number of replicas beside its scaler",
      worker,
      (object) => {
        object.spec.replicas = 2;
      },
    ],
    [
      "has no reason to go without a disruption budget",
      gateway,
      (object) => {
        object.metadata.annotations = { "adaedl/no-disruption-budget": "we like it so" };
      },
    ],
  ])("a workload that %s is reported", (problem, object, change) => {
    const overlay = "cloud";
    expect(workloadProblems(broken(overlay, object, change)).join("\n")).toContain(problem);
  });

  test("a disruption budget that is missing, or lets no pod go, is reported", () => {
    const budget = "PodDisruptionBudget gateway";
    expect(workloadProblems(without("cloud", budget)).join()).toContain(
      "0 disruption budgets match it",
    );
    const stuck = broken("cloud", budget, ({ spec }) => {
      spec.maxUnavailable = 0;
    });
    expect(workloadProblems(stuck).join()).toContain("lets no pod go");
  });

  test.each<[string, string, string, Break]>([
    [
      "0 workloads are behind it",
      "cloud",
      "Service gateway",
      ({ spec }) => {
        spec.selector = { "app.kubernetes.io/component": "gate" };
      },
    ],
    [
      "gateway has no port https",
      "cloud",
      "Service gateway",
      ({ spec }) => {
        spec.ports[0].targetPort = "https";
      },
    ],
    [
      "there is no Service drafts",
      "cloud",
      draft,
      ({ spec }) => {
        spec.serviceName = "drafts";
      },
    ],
    [
      "nobody makes the Secret other",
      "cloud",
      gateway,
      (object) => {
        podOf(object).volumes[0].secret.secretName = "other";
      },
    ],
    [
      "the Secret gateway-keys has no key other",
      "cloud",
      gateway,
      (_, container) => {
        variable(container, "ADAEDL_API_KEYS_FILE").value = "/etc/adaedl/keys/other";
      },
    ],
    [
      "nobody makes redis-password/word",
      "cloud",
      worker,
      (_, container) => {
        variable(container, "REDIS_PASSWORD").valueFrom.secretKeyRef.key = "word";
      },
    ],
    [
      "REDIS_PASSWORD does not stand before it",
      "cloud",
      worker,
      (_, container) => {
        container.env.reverse();
      },
    ],
    [
      "nobody makes the Secret verifier-ingress-tls",
      "tls",
      "Certificate verifier-ingress",
      ({ spec }) => {
        spec.secretName = "another";
      },
    ],
    [
      "there is no ServiceAccount default",
      "cloud",
      gateway,
      (object) => {
        podOf(object).serviceAccountName = "default";
      },
    ],
    [
      "its ServiceAccount gives tokens away",
      "cloud",
      "ServiceAccount gateway",
      (object) => {
        delete object.automountServiceAccountToken;
      },
    ],
    [
      "PodMonitor adaedl selects nothing",
      "cloud",
      "PodMonitor adaedl",
      ({ spec }) => {
        spec.selector = { matchLabels: { other: "pods" } };
      },
    ],
    [
      "ScaledObject verifier-worker scales nothing",
      "cloud",
      "ScaledObject verifier-worker",
      ({ spec }) => {
        spec.scaleTargetRef.name = "workers";
      },
    ],
    [
      "no volume keys",
      "cloud",
      gateway,
      (object) => {
        podOf(object).volumes = [];
      },
    ],
  ])("where %s, it is reported", (problem, overlay, object, change) => {
    const problems = referenceProblems(broken(overlay, object, change), documentedSecrets());
    expect(problems.join("\n")).toContain(problem);
  });

  test("a ConfigMap that is not there is reported", () => {
    const config = overlays.cloud?.find(({ metadata }) => metadata.name.startsWith("redis-"));
    const problems = referenceProblems(
      without("cloud", `ConfigMap ${config?.metadata.name}`),
      documentedSecrets(),
    );
    expect(problems).toEqual([`redis: there is no ConfigMap ${config?.metadata.name}`]);
  });

  test.each<[string, string, Break]>([
    [
      "Ingress gateway: there is no Service gateway:https",
      "Ingress gateway",
      ({ spec }) => {
        spec.rules[0].http.paths[0].backend.service.port.name = "https";
      },
    ],
    [
      "Ingress gateway: nobody makes the Secret other",
      "Ingress gateway",
      ({ spec }) => {
        spec.tls[0].secretName = "other";
      },
    ],
    [
      "Ingress gateway: has no certificate",
      "Ingress gateway",
      ({ spec }) => {
        delete spec.tls;
      },
    ],
    [
      "Ingress gateway: opens /metrics",
      "Ingress gateway",
      ({ spec }) => {
        spec.rules[0].http.paths[2].path = "/metrics";
      },
    ],
    [
      "HTTPRoute gateway: there is no Service gateway:8080",
      "HTTPRoute gateway",
      ({ spec }) => {
        spec.rules[0].backendRefs[0].port = 8080;
      },
    ],
    [
      "HTTPRoute gateway: does not open /v1",
      "HTTPRoute gateway",
      ({ spec }) => {
        spec.rules[0].matches.pop();
      },
    ],
  ])("a way in from outside: %s", (problem, object, change) => {
    expect(routeProblems(broken("options", object, change), documentedSecrets())).toContain(
      problem,
    );
  });

  test.each<[string, string, Break]>([
    [
      "NetworkPolicy dns: no part-of",
      "NetworkPolicy dns",
      ({ metadata }) => {
        delete metadata.labels["app.kubernetes.io/part-of"];
      },
    ],
    [
      "Deployment gateway: its pods have no name",
      gateway,
      ({ spec }) => {
        delete spec.template.metadata.labels["app.kubernetes.io/name"];
      },
    ],
    [
      "Deployment gateway: its label is of 0.0.9, its image of 1.2.3",
      gateway,
      ({ metadata }) => {
        metadata.labels["app.kubernetes.io/version"] = "0.0.9";
      },
    ],
    [
      "Deployment gateway: its image is of 1.2.4, the repository of 1.2.3",
      gateway,
      (_, container) => {
        container.image = "registry.example.com/adaedl/gateway:1.2.4";
      },
    ],
    [
      "StatefulSet redis: its claim data is of a version",
      "StatefulSet redis",
      ({ spec }) => {
        spec.volumeClaimTemplates[0].metadata.labels["app.kubernetes.io/version"] = "1.2.3";
      },
    ],
  ])("labels: %s", (problem, object, change) => {
    const text = JSON.stringify(broken("cloud", object, change));
    const objects = JSON.parse(text.replaceAll(version, "1.2.3")) as KubeObject[];
    expect(labelProblems(objects, "1.2.3")).toContain(problem);
  });

  test.each<[string, string, string[]]>([
    ["options", "NetworkPolicy traces", ["gateway -> collector:4318 is not allowed"]],
    ["cloud", "NetworkPolicy default-deny", ["stranger -> newcomer:22 is allowed"]],
    ["cloud", "NetworkPolicy gateway", ["gateway -> draft:50052 is not allowed"]],
    ["cloud", "NetworkPolicy draft", ["gateway -> draft:50052 is not allowed"]],
    ["cloud", "NetworkPolicy redis", ["verifier-worker -> redis:6379 is not allowed"]],
    ["cloud", "NetworkPolicy metrics", ["prometheus -> verifier-worker:9090 is not allowed"]],
    ["cloud", "NetworkPolicy dns", ["draft -> dns:53 is not allowed"]],
    ["edge", "NetworkPolicy draft-to-verifiers-far-away", ["draft -> world:50051 is not allowed"]],
    ["cloud", "PodMonitor adaedl", ["prometheus -> verifier-ingress:9090 is allowed"]],
    [
      "tls",
      "NetworkPolicy verifier-ingress-from-outside",
      ["world -> verifier-ingress:50051 is not allowed"],
    ],
  ])("%s without %s is reported", (overlay, object, problems) => {
    expect(networkProblems(without(overlay, object))).toEqual(expect.arrayContaining(problems));
  });

  test.each<[string, string, string, Break]>([
    [
      "draft -> redis:6379 is allowed",
      "NetworkPolicy redis",
      "NetworkPolicy draft-to-verifier-ingress",
      ({ spec }) => {
        spec.podSelector = {};
        spec.egress[0].to = [{ podSelector: {} }];
        spec.egress[0].ports = undefined;
      },
    ],
    [
      "draft -> nobody at verifier-ingress-7.verifier-ingress:50051 is not allowed",
      "",
      draft,
      (_, container) => {
        variable(container, "ADAEDL_VERIFIER").value = "verifier-ingress-7.verifier-ingress:50051";
      },
    ],
    [
      "verifier-worker -> world:6380 is not allowed",
      "",
      worker,
      (_, container) => {
        variable(container, "ADAEDL_REDIS_URL").value = "rediss://redis.example.com:6380";
      },
    ],
  ])("a network where %s is reported", (problem, alsoWide, object, change) => {
    const objects = broken("cloud", object, change);
    for (const known of objects as Broken[])
      if (`${known.kind} ${known.metadata.name}` === alsoWide) known.spec.ingress = [{}];
    expect(networkProblems(objects)).toContain(problem);
  });

  test.each<[string, string]>([
    ["sum(adaedl_num_requests_wating)", "there is no metric adaedl_num_requests_wating"],
    ["sum(adaedl_placement_wait_seconds)", "there is no metric adaedl_placement_wait_seconds"],
    ['sum(adaedl_num_workers{namespace="other"})', "the namespace is adaedl, not other"],
    ['adaedl_num_workers{namespace="adaedl",component="ingress"}', "nobody scrapes ingress"],
    ['adaedl_num_workers{role="ingress"}', "the label role is none of ours"],
    ["vector(1)", "vector(1) asks for no metric of ours"],
  ])("scaling by %s is reported", (query, problem) => {
    const objects = broken("cloud", "ScaledObject verifier-worker", ({ spec }) => {
      spec.triggers[0].metadata.query = query;
    });
    expect(metricProblems(objects)).toContain(problem);
  });

  test.each<[string, Break]>([
    [
      "draft: ADAEDL_VERIFIERS is no setting of serve draft",
      (_, container) => container.env.push({ name: "ADAEDL_VERIFIERS", value: "a:1" }),
    ],
    [
      "HOST:PORT",
      (_, container) => {
        variable(container, "ADAEDL_VERIFIER").value = "dns:///verifier";
      },
    ],
    [
      'does not run "serve verifier"',
      (_, container) => {
        container.args = ["serve", "verifier"];
      },
    ],
    [
      "serves nobody but itself",
      (_, container) => {
        variable(container, "ADAEDL_LISTEN").value = "127.0.0.1:50052";
      },
    ],
  ])("settings: %s", async (problem, change) => {
    const [object, ...others] = broken("local", draft, change).filter(
      ({ kind }) => kind === "StatefulSet",
    );
    expect(others).toEqual([]);
    const problems = await settingProblems(object === undefined ? [] : [object]);
    expect(problems.join("\n")).toContain(problem);
  });
});
