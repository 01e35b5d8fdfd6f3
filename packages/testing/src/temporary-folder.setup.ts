import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where tests write; gone with the run. */
    temporaryFolder: string;
  }
}

export default function setup({ provide }: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "adaedl-tests-"));
  provide("temporaryFolder", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
