import { isOurs, type KubeObject, type Labels, workloadsOf } from "./kubernetes-objects.ts";

const prefix = "app.kubernetes.io/";
const onEverything = ["instance", "part-of", "managed-by"];
const onWorkloads = [...onEverything, "name", "component"];

/**
 * Labels that Kubernetes recommends and that are missing, or say another version than the image.
 * @param version of package.json
 */
export function labelProblems(objects: readonly KubeObject[], version: string): string[] {
  const everything = objects.flatMap(({ kind, metadata }) =>
    missing(metadata.labels, onEverything).map((name) => `${kind} ${metadata.name}: no ${name}`),
  );
  const workloads = workloadsOf(objects).flatMap((workload) => {
    const { kind, name, labels, ownLabels, containers, claimTemplates } = workload;
    const problems = [
      ...missing(ownLabels, onWorkloads).map((label) => `has no ${label}`),
      ...missing(labels, onWorkloads).map((label) => `its pods have no ${label}`),
    ];
    for (const container of containers.filter(isOurs)) {
      const tag = container.image?.split(":").at(-1);
      if (tag !== version) problems.push(`its image is of ${tag}, the repository of ${version}`);
      for (const found of [labels, ownLabels].map((known) => known[`${prefix}version`]))
        if (found !== tag) problems.push(`its label is of ${found}, its image of ${tag}`);
    }
    // A StatefulSet's templates of claims cannot be changed: with a version no upgrade would be accepted.
    for (const claim of claimTemplates)
      if (claim.labels?.[`${prefix}version`] !== undefined)
        problems.push(`its claim ${claim.name} is of a version`);
    return problems.map((problem) => `${kind} ${name}: ${problem}`);
  });
  return [...everything, ...workloads];
}

const missing = (labels: Labels = {}, names: readonly string[]) =>
  names.filter((name) => !labels[prefix + name]);
