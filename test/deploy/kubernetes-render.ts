import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, parseAllDocuments, stringify } from "yaml";
import type { KubeObject } from "./kubernetes-objects.ts";

const deployDirectory = fileURLToPath(new URL("../../deploy", import.meta.url));
export const kubernetesDirectory = join(deployDirectory, "kubernetes");

/** An overlay, with other components than it names where that is said: as the documentation tells users to do. */
export interface Variant {
  readonly overlay: string;
  /** Whose list of components is changed; by default the overlay's own. */
  readonly edited?: string;
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

export const variants: readonly Variant[] = [
  { overlay: "local" },
  { overlay: "local", add: ["models-pvc"] },
  { overlay: "local", add: ["models-init", "api-keys"] },
  { overlay: "local", add: ["monitoring"] },
  { overlay: "cloud" },
  { overlay: "cloud", remove: ["scale-keda"], add: ["scale-hpa"] },
  { overlay: "cloud", remove: ["scale-keda", "monitoring"] },
  { overlay: "cloud", remove: ["api-keys", "scale-gateway"], add: ["ingress"] },
  { overlay: "cloud", add: ["gpu", "traces", "http-route"] },
  { overlay: "cloud", add: ["models-pvc"] },
  { overlay: "cloud", add: ["models-init"] },
  { overlay: "tls" },
  {
    overlay: "tls",
    edited: "cloud",
    remove: ["scale-keda"],
    add: ["scale-hpa", "models-init"],
  },
  { overlay: "edge" },
  { overlay: "edge", add: ["models-pvc", "monitoring", "traces"] },
  { overlay: "edge", add: ["models-init"] },
];

export function nameOf({ overlay, edited, add = [], remove = [] }: Variant): string {
  const changes = [...remove.map((name) => `- ${name}`), ...add.map((name) => `+ ${name}`)];
  return [overlay, ...(edited === undefined ? [] : [`(${edited}`]), ...changes].join(" ");
}

/** Whether there is a kubectl that renders. */
export function hasKubectl(): boolean {
  try {
    execFileSync("kubectl", ["kustomize", "--help"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

interface Kustomization {
  components?: string[];
}

const rendered = new Map<string, string>();

/** Everything that would be applied. */
export function render(variant: Variant): KubeObject[] {
  const name = nameOf(variant);
  const text = rendered.get(name) ?? inCopy((kubernetes) => renderVariant(kubernetes, variant));
  rendered.set(name, text);
  return objectsOf(text);
}

/** What a kustomization of the user's is rendered to, in a folder beside their checkout `adaedl`. */
export function renderOwn(kustomization: string): KubeObject[] {
  const text = inCopy((kubernetes) => {
    const own = join(kubernetes, "../../..");
    writeFileSync(join(own, "kustomization.yaml"), kustomization);
    return renderFolder(own);
  });
  return objectsOf(text);
}

function inCopy(renderIn: (kubernetes: string) => string): string {
  const folder = mkdtempSync(join(tmpdir(), "adaedl-kubernetes-"));
  try {
    const deploy = join(folder, "adaedl/deploy");
    cpSync(deployDirectory, deploy, { recursive: true });
    return renderIn(join(deploy, "kubernetes"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function renderVariant(
  kubernetes: string,
  { overlay, edited, add = [], remove = [] }: Variant,
): string {
  const overlays = join(kubernetes, "overlays");
  const file = join(overlays, edited ?? overlay, "kustomization.yaml");
  const kustomization = parse(readFileSync(file, "utf8")) as Kustomization;
  const pathOf = (name: string) => `../../components/${name}`;
  const missing = remove.filter((name) => !kustomization.components?.includes(pathOf(name)));
  if (missing.length > 0) throw new Error(`${overlay} has no ${missing}`);
  const removed = remove.map(pathOf);
  kustomization.components = [
    ...(kustomization.components ?? []).filter((path) => !removed.includes(path)),
    ...add.map(pathOf),
  ];
  writeFileSync(file, stringify(kustomization));
  return renderFolder(join(overlays, overlay));
}

const renderFolder = (folder: string) =>
  execFileSync("kubectl", ["kustomize", folder], { encoding: "utf8" });

function objectsOf(text: string): KubeObject[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors.length > 0) throw new Error(String(document.errors));
    return document.toJS() as KubeObject;
  });
}
