import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultSamplingParams, hashSequence } from "@adaedl/core";
import { writeTinyModel, loadReferenceModel } from "@adaedl/testing";
import { expect, test } from "vitest";
import { openModelThread } from "./model-thread.ts";

const root = mkdtempSync(join(tmpdir(), "exp-"));
test("x", async () => {
  const { directory } = writeTinyModel(join(root, "m"), { architecture: "llama", contextLength: 400 });
  let t = performance.now();
  const thread = await openModelThread({ directory, cacheDirectory: join(root, "cache"), numThreads: 1 });
  console.log("open", performance.now() - t, thread.info);
  t = performance.now();
  const thread2 = await openModelThread({ directory, cacheDirectory: join(root, "cache"), numThreads: 1 });
  console.log("open2", performance.now() - t);
  t = performance.now();
  await thread2.close();
  console.log("close", performance.now() - t);
  const slotId = await thread.openSlot({ sampling: defaultSamplingParams, seed: 1, verification: "shared-noise", numPromptTokens: 0 });
  const tokenIds = Array.from({ length: 300 }, (_, i) => (i * 7919 + 13) % 200);
  t = performance.now();
  const r = await thread.forward([{ slotId, keepLength: 0, keepHash: hashSequence([]), tokenIds, roundStart: 0, reads: tokenIds.map((_, index) => ({ kind: "logits" as const, index })) }]);
  console.log("forward300", performance.now() - t);
  t = performance.now();
  const ref = loadReferenceModel(directory).logits(tokenIds);
  console.log("ref300", performance.now() - t);
  t = performance.now();
  for (let i = 0; i < 300; i++)
    await thread.forward([{ slotId, keepLength: i, keepHash: hashSequence(tokenIds, i), tokenIds: [tokenIds[i]!], roundStart: 0, reads: [{ kind: "logits" as const, index: 0 }] }]);
  console.log("300 single", performance.now() - t);
  let worst = 0;
  const rows = (r[0] as any).rows;
  for (let i = 0; i < 300; i++) { let d = 0, m = 0; ref[i]!.forEach((v, j) => { d = Math.max(d, Math.abs(v - rows[i].logits[j])); m = Math.max(m, Math.abs(v)); }); worst = Math.max(worst, d / m); }
  console.log("worst rel", worst);
  await thread.close();
  for (const p of ["cuda", "webgpu", "nonsense"]) {
    t = performance.now();
    try { const th = await openModelThread({ directory, cacheDirectory: join(root, "cache"), provider: p }); console.log(p, "OPENED", th.info); await th.close(); } catch (e) { console.log(p, performance.now() - t, (e as any).code, (e as any).message); }
  }
  rmSync(root, { recursive: true });
});
