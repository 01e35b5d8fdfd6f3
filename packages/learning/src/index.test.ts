import { expect, test } from "vitest";

test("the main thread does not load onnxruntime, which would report to its makers", async () => {
  await import("./index.ts");
  if (process.report === undefined) throw new Error("this process has no reports");
  Object.assign(process.report, { excludeNetwork: true });
  const { sharedObjects } = process.report.getReport() as { sharedObjects: readonly string[] };
  expect(sharedObjects.length).toBeGreaterThan(0);
  expect(sharedObjects.filter((path) => path.includes("onnxruntime"))).toEqual([]);
});
