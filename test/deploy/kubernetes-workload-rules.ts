import {
  type Container,
  envOf,
  isOurs,
  type KubeObject,
  matches,
  ofKind,
  type Probe,
  portOf,
  quantity,
  type Selector,
  specOf,
  type Workload,
  workloadsOf,
} from "./kubernetes-objects.ts";

/** What has to be left of the grace period when the drain has used its time: to close connections and a model. */
const slackSeconds = 10;
const minPreStopSeconds = 5;
/** A draft service tries a round for so long (`--give-up-timeout`). */
const giveUpSeconds = 60;

/** What is wrong with the pods themselves. */
export function workloadProblems(objects: readonly KubeObject[]): string[] {
  const workloads = workloadsOf(objects);
  return workloads.flatMap((workload) => {
    const label = `${workload.kind} ${workload.name}`;
    const problems = [
      ...podProblems(workload),
      ...workload.containers.flatMap((container) => [
        ...probeProblems(container),
        ...endingProblems(workload, container),
        ...modelProblems(container),
      ]),
      ...[...workload.containers, ...workload.initContainers].flatMap((container) => [
        ...imageProblems(container),
        ...argumentProblems(container),
        ...resourceProblems(container),
        ...securityProblems(workload, container),
      ]),
      ...budgetProblems(workload, objects),
      ...spreadProblems(workload, objects),
    ];
    return problems.map((problem) => `${label}: ${problem}`);
  });
}

function podProblems({ pod, labels, selector }: Workload): string[] {
  const problems = [];
  if (pod.automountServiceAccountToken !== false) problems.push("has a token of the cluster");
  if (pod.enableServiceLinks !== false) problems.push("gets a variable for each Service");
  if (pod.hostNetwork || pod.hostPID || pod.hostIPC) problems.push("shares the host's");
  if (!matches(selector, labels)) problems.push("its selector does not match its pods");
  for (const { name, emptyDir, hostPath } of pod.volumes ?? []) {
    if (hostPath !== undefined) problems.push(`volume ${name} is the host's`);
    if (emptyDir !== undefined && emptyDir.sizeLimit === undefined)
      problems.push(`volume ${name} may fill the node`);
  }
  return problems;
}

function probeProblems(container: Container): string[] {
  const { startupProbe, readinessProbe, livenessProbe, args } = container;
  const probes = { startupProbe, readinessProbe, livenessProbe };
  const problems = Object.entries(probes).flatMap(([name, probe]) =>
    probe === undefined ? [`has no ${name}`] : oneProbeProblems(name, probe, container),
  );
  if (args?.[1] === "gateway") {
    // Without a draft service /readyz answers 503; no restart mends that.
    const paths = { startupProbe: "/livez", readinessProbe: "/readyz", livenessProbe: "/livez" };
    for (const [name, path] of Object.entries(paths)) {
      const found = probes[name as keyof typeof paths]?.httpGet?.path;
      if (found !== path) problems.push(`its ${name} asks ${found}, not ${path}`);
    }
  }
  return problems;
}

function oneProbeProblems(name: string, probe: Probe, container: Container): string[] {
  const { grpc, httpGet, tcpSocket, exec } = probe;
  const handlers = [grpc, httpGet, tcpSocket, exec].filter((handler) => handler !== undefined);
  if (handlers.length !== 1) return [`${name} must ask in one way, not ${handlers.length}`];
  const problems = [];
  const port = grpc?.port ?? httpGet?.port ?? tcpSocket?.port;
  if (port !== undefined && portOf(container, port) === undefined)
    problems.push(`${name} asks port ${port}, which is none of its own`);
  const isGrpc = isOurs(container) && container.args?.[1] !== "gateway";
  const hasTls = envOf(container, "ADAEDL_TLS_CERT") !== undefined;
  if (isGrpc && !hasTls && grpc === undefined) problems.push(`${name} is none of gRPC`);
  if (grpc !== undefined && hasTls) problems.push(`${name}: Kubernetes speaks gRPC without TLS`);
  return problems;
}

function endingProblems({ pod }: Workload, container: Container): string[] {
  const { preStop } = container.lifecycle ?? {};
  const preStopSeconds = preStop?.sleep?.seconds ?? 0;
  const graceSeconds = pod.terminationGracePeriodSeconds;
  if (graceSeconds === undefined) return ["has no terminationGracePeriodSeconds"];
  if (!isOurs(container)) return [];
  const drain = envOf(container, "ADAEDL_DRAIN_TIMEOUT");
  if (drain === undefined) return ["ADAEDL_DRAIN_TIMEOUT is not set"];
  const problems = [];
  if (preStopSeconds < minPreStopSeconds) problems.push("preStop does not sleep long enough");
  const needed = preStopSeconds + Number(drain) + slackSeconds;
  if (!(graceSeconds >= needed))
    problems.push(`is killed after ${graceSeconds} s, and may need ${needed} s`);
  if (container.args?.[1] === "verifier" && !(Number(drain) < giveUpSeconds))
    problems.push("drains for longer than a draft service waits");
  return problems;
}

/** A container that computes must know how many cores it may use, and where graphs may be built. */
function modelProblems(container: Container): string[] {
  const [, command] = container.args ?? [];
  const hasModel =
    isOurs(container) && command !== "gateway" && envOf(container, "ADAEDL_ROLE") !== "ingress";
  if (!hasModel) return [];
  const problems = [];
  const threads = Number(envOf(container, "ADAEDL_THREADS"));
  const cores = quantity(container.resources?.limits?.cpu);
  if (!(threads <= cores)) problems.push(`runs ${threads} threads on ${cores} cores`);
  const cache = envOf(container, "ADAEDL_CACHE_DIR");
  const mount = container.volumeMounts?.find(({ mountPath }) => mountPath === cache);
  if (mount === undefined || mount.readOnly)
    problems.push(`ADAEDL_CACHE_DIR ${cache} cannot be written to`);
  return problems;
}

function imageProblems({ image = "" }: Container): string[] {
  // On Docker's hub the name belongs to somebody else.
  if (image.startsWith("adaedl/")) return [`image ${image} is in no registry of the user's`];
  const [, tag] = /^[a-z0-9.:/-]+?:([\w.-]+)$/.exec(image) ?? [];
  return tag === undefined || !/\d/.test(tag) || tag.includes("latest")
    ? [`image ${image} has no version`]
    : [];
}

/** Everybody on the node can read the arguments of a process. Below a "<<END" they are its standard input. */
function argumentProblems({ command = [], args = [], env = [] }: Container): string[] {
  const text = [...command, ...args].join("\n").replace(/<<(\w+)\n[\s\S]*?\n\1$/gm, "");
  return env
    .filter(({ valueFrom }) => valueFrom?.secretKeyRef !== undefined)
    .filter(({ name }) => new RegExp(`\\$[({]?${name}\\b`).test(text))
    .map(({ name }) => `has ${name} in the arguments of a process`);
}

/** Memory that is not reserved is taken away under pressure, by killing the process that has it. */
function resourceProblems({ name, resources: { requests = {}, limits = {} } = {} }: Container) {
  return ["cpu", "memory"].flatMap((resource) => {
    const [requested, limit] = [quantity(requests[resource]), quantity(limits[resource])];
    const fits = resource === "memory" ? requested === limit : requested <= limit;
    return requested > 0 && fits
      ? []
      : [`container ${name} requests ${requests[resource]} of ${limits[resource]} ${resource}`];
  });
}

function securityProblems({ pod }: Workload, { name, securityContext: own = {} }: Container) {
  const problems = [];
  const context = pod.securityContext ?? {};
  const user = own.runAsUser ?? context.runAsUser ?? 0;
  if (!(own.runAsNonRoot ?? context.runAsNonRoot) || !(user > 0)) problems.push("may run as root");
  if ((own.seccompProfile ?? context.seccompProfile)?.type !== "RuntimeDefault")
    problems.push("may make any system call");
  if (own.readOnlyRootFilesystem !== true) problems.push("may write to its root file system");
  if (own.allowPrivilegeEscalation !== false) problems.push("may escalate its privileges");
  if (own.privileged === true) problems.push("is privileged");
  if (String(own.capabilities?.drop) !== "ALL" || own.capabilities?.add !== undefined)
    problems.push("keeps capabilities");
  return problems.map((problem) => `container ${name} ${problem}`);
}

interface BudgetSpec {
  readonly selector: Selector;
  readonly minAvailable?: number | string;
  readonly maxUnavailable?: number | string;
}

function budgetProblems(workload: Workload, objects: readonly KubeObject[]): string[] {
  const budgets = ofKind(objects, "PodDisruptionBudget")
    .map((object) => specOf<BudgetSpec>(object))
    .filter(({ selector }) => matches(selector, workload.labels));
  const reason = workload.annotations["adaedl/no-disruption-budget"];
  if (reason !== undefined) {
    const isAlone = workload.kind === "DaemonSet" || workload.replicas === 1;
    if (!isAlone || reason === "") return ["has no reason to go without a disruption budget"];
    return budgets.length === 0 ? [] : ["says that it has no disruption budget, and has one"];
  }
  const [budget] = budgets;
  if (budget === undefined || budgets.length > 1)
    return [`${budgets.length} disruption budgets match it`];
  const { maxUnavailable } = budget;
  return maxUnavailable === 1 ? [] : ["its disruption budget lets no pod go, or more than one"];
}

/** Replicas on one node are lost together. */
function spreadProblems(workload: Workload, objects: readonly KubeObject[]): string[] {
  const isScaled = ["HorizontalPodAutoscaler", "ScaledObject"].some((kind) =>
    ofKind(objects, kind).some(
      (scaler) =>
        specOf<{ scaleTargetRef: { name: string } }>(scaler).scaleTargetRef.name === workload.name,
    ),
  );
  if (workload.kind === "DaemonSet" || (workload.replicas === 1 && !isScaled)) return [];
  const problems = [];
  if (workload.replicas === undefined && !isScaled) problems.push("has no number of replicas");
  if (workload.replicas !== undefined && isScaled)
    problems.push("has a number of replicas beside its scaler");
  const spreads = workload.pod.topologySpreadConstraints ?? [];
  for (const key of ["kubernetes.io/hostname", "topology.kubernetes.io/zone"]) {
    const isSpread = spreads.some(
      ({ topologyKey, labelSelector }) =>
        topologyKey === key && matches((labelSelector ?? {}) as Selector, workload.labels),
    );
    if (!isSpread) problems.push(`is not spread over ${key}`);
  }
  return problems;
}
