import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const file = fileURLToPath(new URL("../../docs/kubernetes.md", import.meta.url));

/** Secrets that the documentation has users make, as NAME/KEY: the rows | `NAME` | `KEY`, `KEY` | of a table. */
export function documentedSecrets(): ReadonlySet<string> {
  const rows = readFileSync(file, "utf8").matchAll(/^\| `([a-z0-9-]+)` \| (`[^|]+`) \|/gm);
  return new Set(
    [...rows].flatMap(([, name, keys = ""]) =>
      [...keys.matchAll(/`([\w.-]+)`/g)].map(([, key]) => `${name}/${key}`),
    ),
  );
}
