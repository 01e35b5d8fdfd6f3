import {
  envOf,
  type KubeObject,
  type Labels,
  matches,
  ofKind,
  portOf,
  type Selector,
  specOf,
  type Workload,
  workloadsOf,
} from "./kubernetes-objects.ts";
import { podsOf } from "./kubernetes-reference-rules.ts";

interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly { readonly port: string | number }[];
}

interface Peer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string };
}

interface PolicySpec {
  readonly podSelector: Selector;
  readonly policyTypes: readonly ("Ingress" | "Egress")[];
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
}

/** One end of a connection; what has no labels is no pod. */
interface End {
  readonly name: string;
  readonly namespace: string;
  readonly labels?: Labels;
  readonly workload?: Workload;
}

const world: End = { name: "world", namespace: "" };
const stranger: End = { name: "stranger", namespace: "elsewhere", labels: {} };
const prometheus: End = { name: "prometheus", namespace: "monitoring", labels: {} };
const collector: End = { name: "collector", namespace: "monitoring", labels: {} };
const dns: End = { name: "dns", namespace: "kube-system", labels: { "k8s-app": "kube-dns" } };
/** What nobody here has a reason to call. */
const otherPorts = [22, 53, 443, 4317, 4318, 6379, 50_051, 50_052];

/** Where the policies allow more, or less, than the settings say is called. */
export function networkProblems(objects: readonly KubeObject[]): string[] {
  const actual = allowedFlows(objects);
  const expected = neededFlows(objects);
  return [
    ...[...expected].filter((flow) => !actual.has(flow)).map((flow) => `${flow} is not allowed`),
    ...[...actual].filter((flow) => !expected.has(flow)).map((flow) => `${flow} is allowed`),
  ];
}

const endOf = (workload: Workload): End => ({
  name: workload.name,
  namespace: workload.namespace ?? "",
  labels: workload.labels,
  workload,
});

/** A pod that somebody puts beside ours: nobody calls it, and it calls nobody. */
const newcomerOf = (workloads: readonly End[]): End => ({
  name: "newcomer",
  namespace: workloads[0]?.namespace ?? "",
  labels: {},
});

const portsOf = ({ containers }: Workload) =>
  containers.flatMap(({ ports = [] }) => ports.map(({ containerPort }) => containerPort));

function allowedFlows(objects: readonly KubeObject[]): Set<string> {
  const policies = ofKind(objects, "NetworkPolicy");
  const workloads = workloadsOf(objects).map(endOf);
  const newcomer = newcomerOf(workloads);
  const ends = [...workloads, newcomer];
  const flows = new Set<string>();
  const check = (from: End, to: End, port: number) => {
    if (permits(policies, "Egress", from, to, port) && permits(policies, "Ingress", to, from, port))
      flows.add(`${from.name} -> ${to.name}:${port}`);
  };
  for (const to of ends)
    for (const port of to.workload === undefined ? otherPorts : portsOf(to.workload))
      for (const from of [...ends, world, stranger, prometheus]) check(from, to, port);
  for (const from of ends)
    for (const port of otherPorts)
      for (const to of [world, stranger, dns, collector]) check(from, to, port);
  return flows;
}

/** Whether the policies of `own` let it speak with `other`, on a port of whoever is called. */
function permits(
  policies: readonly KubeObject[],
  direction: "Ingress" | "Egress",
  own: End,
  other: End,
  port: number,
): boolean {
  const { labels } = own;
  const called = direction === "Ingress" ? own : other;
  const selecting = policies.filter((policy) => {
    const { podSelector, policyTypes } = specOf<PolicySpec>(policy);
    return (
      labels !== undefined &&
      policy.metadata.namespace === own.namespace &&
      policyTypes.includes(direction) &&
      matches(podSelector, labels)
    );
  });
  if (selecting.length === 0) return true;
  return selecting.some((policy) => {
    const { ingress = [], egress = [] } = specOf<PolicySpec>(policy);
    return (direction === "Ingress" ? ingress : egress).some(
      ({ from, to, ports }) =>
        isPeer(direction === "Ingress" ? from : to, other, own.namespace) &&
        (ports === undefined || ports.some((rule) => isPort(rule.port, port, called))),
    );
  });
}

function isPeer(peers: readonly Peer[] | undefined, { namespace, labels }: End, home: string) {
  if (peers === undefined) return true;
  return peers.some(({ podSelector, namespaceSelector, ipBlock }) => {
    if (ipBlock !== undefined) return labels === undefined && /\/0$/.test(ipBlock.cidr);
    if (labels === undefined) return false;
    const isThere =
      namespaceSelector === undefined
        ? namespace === home
        : matches(namespaceSelector, { "kubernetes.io/metadata.name": namespace });
    return isThere && matches(podSelector ?? {}, labels);
  });
}

function isPort(rule: string | number, port: number, { workload }: End): boolean {
  if (typeof rule === "number") return rule === port;
  return workload?.containers.some((container) => portOf(container, rule) === port) ?? false;
}

/** The variables that name whom a service calls. */
const addressVariables = [
  ...["ADAEDL_DRAFT_SERVICE", "ADAEDL_VERIFIER", "ADAEDL_REDIS_URL"],
  "OTEL_EXPORTER_OTLP_ENDPOINT",
];

/** The connections that settings, Services and monitors speak of. */
function neededFlows(objects: readonly KubeObject[]): Set<string> {
  const workloads = workloadsOf(objects);
  const flows = new Set([`newcomer -> ${dns.name}:53`]);
  for (const workload of workloads) {
    const { name, labels } = workload;
    flows.add(`${name} -> ${dns.name}:53`);
    for (const address of addressesOf(workload)) {
      const [, host = "", port = ""] = /^(.+):(\d+)$/.exec(address) ?? [];
      flows.add(`${name} -> ${calledBy(host, Number(port), objects)}`);
    }
    // The front door: whatever leads into the cluster leads there.
    if (name === "gateway")
      for (const from of [world, stranger, prometheus]) flows.add(`${from.name} -> gateway:8080`);
    for (const port of exposedPorts(workload, objects)) flows.add(`world -> ${name}:${port}`);
    for (const monitor of ofKind(objects, "PodMonitor"))
      if (matches(specOf<{ selector: Selector }>(monitor).selector, labels))
        flows.add(`${prometheus.name} -> ${name}:${metricsPort(workload)}`);
  }
  return flows;
}

function addressesOf({ containers }: Workload): string[] {
  return containers.flatMap((container) =>
    addressVariables.flatMap((variable) =>
      (envOf(container, variable) ?? "")
        .split(",")
        .map((address) => address.replace(/^\w+:\/\/(.*@)?/, ""))
        .filter((address) => address !== ""),
    ),
  );
}

interface ServiceSpec {
  readonly type?: string;
  readonly selector: Labels;
  readonly ports: readonly { readonly port: number; readonly targetPort: string }[];
}

/** WORKLOAD:PORT behind SERVICE or POD.SERVICE; a name of none of ours is the collector's or the world's. */
function calledBy(host: string, port: number, objects: readonly KubeObject[]): string {
  const [first = "", second] = host.split(".");
  if (second === collector.namespace) return `${collector.name}:${port}`;
  const service = ofKind(objects, "Service").find(
    ({ metadata }) => metadata.name === (second ?? first),
  );
  if (service === undefined) return `${world.name}:${port}`;
  const { selector, ports } = specOf<ServiceSpec>(service);
  const targetPort = ports.find((known) => known.port === port)?.targetPort ?? "";
  const behind = workloadsOf(objects).find((workload) =>
    podsOf(workload).some(
      (labels) =>
        matches({ matchLabels: selector }, labels) &&
        (second === undefined || labels["statefulset.kubernetes.io/pod-name"] === first),
    ),
  );
  if (behind === undefined) return `nobody at ${host}:${port}`;
  const [target] = behind.containers.map((container) => portOf(container, targetPort));
  return `${behind.name}:${target}`;
}

function exposedPorts(workload: Workload, objects: readonly KubeObject[]): number[] {
  return ofKind(objects, "Service").flatMap((service) => {
    const { type = "ClusterIP", selector, ports } = specOf<ServiceSpec>(service);
    const isBehind = podsOf(workload).some((labels) => matches({ matchLabels: selector }, labels));
    if (type === "ClusterIP" || !isBehind) return [];
    return ports.flatMap(({ targetPort }) =>
      workload.containers.flatMap((container) => portOf(container, targetPort) ?? []),
    );
  });
}

function metricsPort({ containers }: Workload): number | undefined {
  return containers.map((container) => portOf(container, "metrics"))[0];
}
