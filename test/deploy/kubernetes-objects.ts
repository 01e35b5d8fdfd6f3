import type { IContainer } from "kubernetes-models/v1/Container";
import type { IPodTemplateSpec } from "kubernetes-models/v1/PodTemplateSpec";
import type { IProbe } from "kubernetes-models/v1/Probe";

/** What `kubectl kustomize` prints: kinds differ in their spec, which the schemas check. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Labels;
    readonly annotations?: Labels;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly data?: Labels;
  readonly automountServiceAccountToken?: boolean; // of a ServiceAccount
}

export type Labels = Readonly<Record<string, string>>;
export type Container = IContainer;
export type Probe = IProbe;
export type PodSpec = NonNullable<IPodTemplateSpec["spec"]>;

/** Anything that makes pods. */
export interface Workload {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly annotations: Labels;
  readonly ownLabels: Labels;
  /** Of a DaemonSet, or left to a scaler: undefined. */
  readonly replicas: number | undefined;
  readonly selector: Selector;
  /** Of its pods. */
  readonly labels: Labels;
  readonly pod: PodSpec;
  readonly containers: readonly Container[];
  readonly initContainers: readonly Container[];
  readonly claimTemplates: readonly ClaimTemplate[];
  readonly serviceName: string | undefined;
}

export interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

interface WorkloadSpec {
  readonly replicas?: number;
  readonly selector: Selector;
  readonly template: IPodTemplateSpec;
  readonly serviceName?: string;
  readonly volumeClaimTemplates?: readonly { readonly metadata: ClaimTemplate }[];
}

interface ClaimTemplate {
  readonly name: string;
  readonly labels?: Labels;
}

const workloadKinds = ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod"];

export function workloadsOf(objects: readonly KubeObject[]): Workload[] {
  return objects
    .filter(({ kind }) => workloadKinds.includes(kind))
    .map(({ kind, metadata, spec }) => {
      const { replicas, selector, template, serviceName, volumeClaimTemplates } =
        spec as unknown as WorkloadSpec;
      const pod = template.spec as PodSpec;
      return {
        kind,
        name: metadata.name,
        namespace: metadata.namespace,
        annotations: metadata.annotations ?? {},
        ownLabels: metadata.labels ?? {},
        replicas,
        selector,
        labels: template.metadata?.labels ?? {},
        pod,
        containers: pod.containers,
        initContainers: pod.initContainers ?? [],
        claimTemplates: (volumeClaimTemplates ?? []).map((claim) => claim.metadata),
        serviceName,
      };
    });
}

export function ofKind(objects: readonly KubeObject[], kind: string): KubeObject[] {
  return objects.filter((object) => object.kind === kind);
}

/** An object's spec as the kind has it; that it does, the schemas say. */
export function specOf<Spec>({ spec }: KubeObject): Spec {
  return (spec ?? {}) as Spec;
}

/** An empty selector matches everything. */
export function matches(selector: Selector, labels: Labels): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === "Exists") return value !== undefined;
      if (operator === "In") return value !== undefined && values.includes(value);
      throw new Error(`the tests do not know the operator ${operator}`);
    })
  );
}

/** The value of a variable, where it is written out. */
export function envOf({ env = [] }: Container, name: string): string | undefined {
  return env.find((variable) => variable.name === name)?.value;
}

/** The placeholder that stands for the user's registry. */
const registry = "registry.example.com/adaedl/";

/** What of this project an image is: gateway, draft, verifier, verifier-cuda; undefined for images of others. */
export function ownImage({ image = "" }: Container): string | undefined {
  return image.startsWith(registry) ? image.slice(registry.length).split(":")[0] : undefined;
}

/** Whether an image of this project runs in it. */
export function isOurs(container: Container): boolean {
  return ownImage(container) !== undefined;
}

/** A port by its number or name. */
export function portOf({ ports = [] }: Container, port: string | number): number | undefined {
  return ports.find(({ name, containerPort }) => name === port || containerPort === port)
    ?.containerPort;
}

/** "500m" CPUs, "3Gi" bytes. */
export function quantity(text: string | number | undefined): number {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)(m|Ki|Mi|Gi|Ti)?$/.exec(String(text)) ?? [];
  const factors: Readonly<Record<string, number>> = {
    m: 1e-3,
    Ki: 2 ** 10,
    Mi: 2 ** 20,
    Gi: 2 ** 30,
    Ti: 2 ** 40,
  };
  return Number(digits) * (factors[unit] ?? 1);
}
