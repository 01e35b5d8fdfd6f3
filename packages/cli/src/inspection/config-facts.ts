import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** What config.json says that no part of the engine needs to know. */
export interface ConfigFacts {
  readonly architecture: string | null;
  readonly ropeType: string;
}

/** Reads config.json as far as it goes: whether it is sound is for others to judge. */
export async function readConfigFacts(directory: string): Promise<ConfigFacts> {
  const config = record(
    await readFile(join(directory, "config.json"), "utf8")
      .then((text): unknown => JSON.parse(text))
      .catch(() => undefined),
  );
  const rope = record(config.rope_parameters ?? config.rope_scaling);
  const architecture = config.model_type;
  return {
    architecture: typeof architecture === "string" ? architecture : null,
    ropeType: String(rope.rope_type ?? rope.type ?? "default"),
  };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
