import { createRequire } from "node:module";
import type { KubeObject } from "./kubernetes-objects.ts";

/** A model of the library: its `validate()` throws what is wrong with an object. */
interface Model {
  readonly prototype: { validate(): void };
}

const require = createRequire(import.meta.url);

/** Where the models of an API version are; a version that is not here is not known to the cluster either. */
const modules: Readonly<Record<string, string>> = {
  v1: "kubernetes-models/v1",
  "apps/v1": "kubernetes-models/apps/v1",
  "autoscaling/v2": "kubernetes-models/autoscaling/v2",
  "networking.k8s.io/v1": "kubernetes-models/networking.k8s.io/v1",
  "policy/v1": "kubernetes-models/policy/v1",
  "keda.sh/v1alpha1": "@kubernetes-models/keda/keda.sh/v1alpha1",
  "monitoring.coreos.com/v1": "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1",
  "cert-manager.io/v1": "@kubernetes-models/cert-manager/cert-manager.io/v1",
  "gateway.networking.k8s.io/v1": "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1",
};

/** What of an object its schema refuses, or does not know. */
export function schemaProblems(objects: readonly KubeObject[]): string[] {
  return objects.flatMap((object) => {
    const label = `${object.kind} ${object.metadata?.name}`;
    const path = modules[object.apiVersion];
    const model =
      path === undefined ? undefined : (require(path) as Record<string, Model>)[object.kind];
    if (model === undefined) return [`${label}: no schema for ${object.apiVersion}`];
    const read = new Set<string>();
    try {
      // An object of the model's: some find their schema by their prototype.
      const own = Object.assign(
        Object.create(model.prototype as object),
        object,
      ) as Model["prototype"];
      watched(own, "", read).validate();
    } catch (error) {
      return [`${label}: ${(error as Error).message}`];
    }
    return pathsOf(object, "")
      .filter((path) => !read.has(path))
      .map((path) => `${label}: its schema does not know ${path}`);
  });
}

/**
 * The schemas let unknown fields pass, which the API server does not: a misspelt name would be found in the
 * cluster first. The validators look at every field they know, so that those not looked at are unknown.
 */
function watched<Value>(value: Value, path: string, read: Set<string>): Value {
  if (typeof value !== "object" || value === null) return value;
  return new Proxy(value, {
    get(target, key, receiver) {
      const child = Reflect.get(target, key, receiver);
      if (typeof key === "symbol" || !Object.hasOwn(target, key)) return child;
      const childPath = `${path}/${key}`;
      read.add(childPath);
      return watched(child, childPath, read);
    },
  });
}

function pathsOf(value: unknown, path: string): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [
    `${path}/${key}`,
    ...pathsOf(child, `${path}/${key}`),
  ]);
}
