import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Comparison } from "../policies/cell.ts";

/**
 * Writes a comparison as one page with plots, `index.html`, which needs no other file and no network.
 * @param directory made if it is not there
 * @returns the path of the page
 */
export async function writeReport(comparison: Comparison, directory: string): Promise<string> {
  // Not before it is needed: the library that plots takes long to load.
  const { renderPage } = await import("./page.ts");
  const path = join(directory, "index.html");
  await mkdir(directory, { recursive: true });
  await writeFile(path, renderPage(comparison));
  return path;
}
