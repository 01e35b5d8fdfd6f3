import {
  type KubeObject,
  matches,
  ofKind,
  portOf,
  type Selector,
  specOf,
  type Workload,
  workloadsOf,
} from "./kubernetes-objects.ts";

interface ServiceSpec {
  readonly selector?: Readonly<Record<string, string>>;
  readonly ports: readonly { readonly port: number; readonly targetPort?: string | number }[];
}

/**
 * Names that lead nowhere.
 * @param documented Secrets that the user makes, as NAME/KEY
 */
export function referenceProblems(
  objects: readonly KubeObject[],
  documented: ReadonlySet<string>,
): string[] {
  const workloads = workloadsOf(objects);
  return [
    ...duplicates(objects),
    ...serviceProblems(objects, workloads),
    ...targetProblems(objects, workloads),
    ...workloads.flatMap((workload) => [
      ...ownServiceProblems(workload, objects),
      ...accountProblems(workload, objects),
      ...volumeProblems(workload, objects, documented),
      ...variableProblems(workload, documented),
    ]),
  ];
}

function duplicates(objects: readonly KubeObject[]): string[] {
  const labels = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  return labels
    .filter((label, index) => labels.indexOf(label) !== index)
    .map((label) => `${label} is there twice`);
}

/** A pod of a StatefulSet has its own name as a label, besides those of the template. */
export function podsOf({ kind, name, labels, replicas }: Workload) {
  if (kind !== "StatefulSet") return [labels];
  return Array.from({ length: replicas ?? 1 }, (_, index) => ({
    ...labels,
    "statefulset.kubernetes.io/pod-name": `${name}-${index}`,
  }));
}

function serviceProblems(objects: readonly KubeObject[], workloads: readonly Workload[]) {
  return ofKind(objects, "Service").flatMap((service) => {
    const { selector = {}, ports } = specOf<ServiceSpec>(service);
    const label = `Service ${service.metadata.name}`;
    const behind = workloads.filter((workload) =>
      podsOf(workload).some((labels) => matches({ matchLabels: selector }, labels)),
    );
    const [workload] = behind;
    if (workload === undefined || behind.length > 1)
      return [`${label}: ${behind.length} workloads are behind it`];
    return ports
      .filter(({ port, targetPort = port }) =>
        workload.containers.every((container) => portOf(container, targetPort) === undefined),
      )
      .map(({ targetPort }) => `${label}: ${workload.name} has no port ${targetPort}`);
  });
}

interface TargetSpec {
  readonly selector?: Selector;
  readonly podSelector?: Selector;
  readonly scaleTargetRef?: { readonly name: string };
}

/** What selects pods or names a workload, and finds none. */
function targetProblems(objects: readonly KubeObject[], workloads: readonly Workload[]) {
  const kinds = ["PodDisruptionBudget", "PodMonitor", "NetworkPolicy", "ServiceMonitor"];
  const selecting = kinds.flatMap((kind) => ofKind(objects, kind));
  const problems = selecting
    .filter((object) => {
      const { selector, podSelector } = specOf<TargetSpec>(object);
      const found = (selector ?? podSelector ?? {}) as Selector;
      const labelled =
        object.kind === "ServiceMonitor"
          ? ofKind(objects, "Service").map(({ metadata }) => metadata.labels ?? {})
          : workloads.map(({ labels }) => labels);
      return !labelled.some((labels) => matches(found, labels));
    })
    .map(({ kind, metadata }) => `${kind} ${metadata.name} selects nothing`);
  const scalers = ["HorizontalPodAutoscaler", "ScaledObject"].flatMap((kind) =>
    ofKind(objects, kind),
  );
  const lost = scalers.filter(
    (object) =>
      !workloads.some(({ name }) => name === specOf<TargetSpec>(object).scaleTargetRef?.name),
  );
  return [
    ...problems,
    ...lost.map(({ kind, metadata }) => `${kind} ${metadata.name} scales nothing`),
  ];
}

function ownServiceProblems({ kind, name, serviceName }: Workload, objects: readonly KubeObject[]) {
  if (kind !== "StatefulSet") return [];
  const isThere = ofKind(objects, "Service").some(({ metadata }) => metadata.name === serviceName);
  return isThere ? [] : [`StatefulSet ${name}: there is no Service ${serviceName}`];
}

/** A pod has an account of its own, which has no token of the cluster either. */
function accountProblems({ kind, name, pod }: Workload, objects: readonly KubeObject[]): string[] {
  const account = ofKind(objects, "ServiceAccount").find(
    ({ metadata }) => metadata.name === pod.serviceAccountName,
  );
  const label = `${kind} ${name}`;
  if (account === undefined)
    return [`${label}: there is no ServiceAccount ${pod.serviceAccountName}`];
  return account.automountServiceAccountToken === false
    ? []
    : [`${label}: its ServiceAccount gives tokens away`];
}

function volumeProblems(
  { name, pod, containers, initContainers, claimTemplates }: Workload,
  objects: readonly KubeObject[],
  documented: ReadonlySet<string>,
): string[] {
  const names = (kind: string) => ofKind(objects, kind).map(({ metadata }) => metadata.name);
  // cert-manager writes them.
  const issued = ofKind(objects, "Certificate").map(
    (certificate) => specOf<{ secretName: string }>(certificate).secretName,
  );
  const isDocumented = (secret: string) =>
    [...documented].some((entry) => entry.startsWith(`${secret}/`));
  const problems: string[] = [];
  const volumes = pod.volumes ?? [];
  for (const { configMap, secret, persistentVolumeClaim: claim } of volumes) {
    if (configMap !== undefined && !names("ConfigMap").includes(configMap.name ?? ""))
      problems.push(`there is no ConfigMap ${configMap.name}`);
    const secretName = secret?.secretName;
    if (secretName !== undefined && !issued.includes(secretName) && !isDocumented(secretName))
      problems.push(`nobody makes the Secret ${secretName}`);
    if (claim !== undefined && !names("PersistentVolumeClaim").includes(claim.claimName))
      problems.push(`there is no PersistentVolumeClaim ${claim.claimName}`);
  }
  const known = [...volumes, ...claimTemplates].map((volume) => volume.name);
  const mounted = [...containers, ...initContainers].flatMap(({ volumeMounts = [] }) =>
    volumeMounts.map((mount) => mount.name),
  );
  for (const mount of mounted) if (!known.includes(mount)) problems.push(`no volume ${mount}`);
  for (const volume of known) if (!mounted.includes(volume)) problems.push(`${volume} is unused`);
  // A file below a Secret's mount is a key of it.
  for (const { env = [], volumeMounts = [] } of containers)
    for (const { name: variable, value = "" } of env) {
      const mount = volumeMounts.find(({ mountPath }) => value.startsWith(`${mountPath}/`));
      const secretName = volumes.find((volume) => volume.name === mount?.name)?.secret?.secretName;
      if (mount === undefined || secretName === undefined) continue;
      const key = value.slice(mount.mountPath.length + 1);
      const isIssued =
        issued.includes(secretName) && ["tls.crt", "tls.key", "ca.crt"].includes(key);
      if (!isIssued && !documented.has(`${secretName}/${key}`))
        problems.push(`${variable}: the Secret ${secretName} has no key ${key}`);
    }
  return problems.map((problem) => `${name}: ${problem}`);
}

function variableProblems({ name, containers }: Workload, documented: ReadonlySet<string>) {
  const problems = containers.flatMap(({ env = [] }) =>
    env.flatMap(({ name: variable, value = "", valueFrom }, index) => {
      const { secretKeyRef } = valueFrom ?? {};
      const isUnknown =
        secretKeyRef !== undefined && !documented.has(`${secretKeyRef.name}/${secretKeyRef.key}`);
      // Kubernetes puts in what stands before, and leaves the rest as it is written.
      const before = env.slice(0, index).map((earlier) => earlier.name);
      const used = [...value.matchAll(/\$\((\w+)\)/g)].map(([, other = ""]) => other);
      return [
        ...(isUnknown ? [`nobody makes ${secretKeyRef.name}/${secretKeyRef.key}`] : []),
        ...used
          .filter((other) => !before.includes(other))
          .map((other) => `${variable}: ${other} does not stand before it`),
      ];
    }),
  );
  return problems.map((problem) => `${name}: ${problem}`);
}
