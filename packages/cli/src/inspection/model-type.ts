import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** `model_type` of config.json, of a model that cannot be run too; null where it cannot be read. */
export async function readModelType(directory: string): Promise<string | null> {
  const config = await readFile(join(directory, "config.json"), "utf8")
    .then((text): unknown => JSON.parse(text))
    .catch(() => undefined);
  const isRecord = typeof config === "object" && config !== null && "model_type" in config;
  return isRecord && typeof config.model_type === "string" ? config.model_type : null;
}
