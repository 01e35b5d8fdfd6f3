import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Copies a model directory.
 * @param to made when missing
 * @param configFields of config.json, replaced or added, unchecked
 * @returns `to`
 */
export function copyModel(
  from: string,
  to: string,
  configFields: Readonly<Record<string, unknown>>,
): string {
  cpSync(from, to, { recursive: true });
  const file = join(to, "config.json");
  const config = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify({ ...config, ...configFields }));
  return to;
}
