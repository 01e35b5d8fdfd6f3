import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, parseAllDocuments, stringify } from "yaml";
import type { KubeObject } from "./kubernetes-objects.ts";

export const kubernetesDirectory = fileURLToPath(
  new URL("../../deploy/kubernetes", import.meta.url),
);

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
  { overlay: "cloud", remove: ["gpu", "api-keys"] },
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
  { overlay: "edge", add: ["models-pvc", "monitoring"] },
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

/** Everything that would be applied. */
export function render({ overlay, edited, add = [], remove = [] }: Variant): KubeObject[] {
  const folder = mkdtempSync(join(tmpdir(), "adaedl-kubernetes-"));
  try {
    cpSync(kubernetesDirectory, folder, { recursive: true });
    const file = join(folder, "overlays", edited ?? overlay, "kustomization.yaml");
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
    return renderFolder(join(folder, "overlays", overlay));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function renderFolder(folder: string): KubeObject[] {
  const text = execFileSync("kubectl", ["kustomize", folder], { encoding: "utf8" });
  return parseAllDocuments(text).map((document) => {
    if (document.errors.length > 0) throw new Error(String(document.errors));
    return document.toJS() as KubeObject;
  });
}
