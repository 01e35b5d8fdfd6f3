import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSpeculator } from "@adaedl/engine";
import { expect, test } from "vitest";
import {
  startTestDraftService,
  startTestVerifier,
  storyteller,
} from "../network/start-services.ts";
import { generatePythonStubs, installPythonGrpc, runPython } from "./python-tools.ts";

test("a Python client works from the .proto files alone", { timeout: 240_000 }, async (context) => {
  const missing = installPythonGrpc();
  if (missing !== undefined) {
    process.stderr.write(`\nSKIPPED, the Python client was NOT tested: ${missing}\n\n`);
    context.skip(missing);
  }
  const folder = mkdtempSync(join(tmpdir(), "adaedl-python-"));
  try {
    generatePythonStubs(folder);
    await using verifier = await startTestVerifier();
    await using draft = await startTestDraftService([verifier.address]);
    const seen = await runPython("python_client.py", [folder, draft.address, verifier.address]);
    const { tokenIds, text, statistics } = await generateLocally();
    const { numDrafted, numAccepted } = statistics;
    expect(seen).toMatchObject({
      health: "SERVING",
      services: ["adaedl.v1.Generation", "grpc.health.v1.Health"],
      verifierServices: ["adaedl.v2.Verification", "grpc.health.v1.Health"],
      targetModelId: "storyteller-target",
      targetWeights: "f32",
      vocabularySize: verifier.description.vocabulary.size,
      tokenIds,
      text,
      usage: 40,
      numDrafted,
      finishReason: "FINISH_REASON_LENGTH",
      cancelled: "CANCELLED",
      refused: ["INVALID_ARGUMENT", "maxTokens must be a whole number, 1 or more, got 0"],
      hasDetails: true,
      plain: { tokenIds, reason: "FINISHED_REASON_LENGTH" },
      drafted: { tokenIds, reason: "FINISHED_REASON_LENGTH", numJudged: numDrafted, numAccepted },
      ended: { tokenIds: tokenIds.slice(0, 3), reason: "FINISHED_REASON_CANCELLED" },
    });
    expect((seen as { files: number }).files).toBeGreaterThan(0);
    expect((seen as { takenBeforeCancel: number }).takenBeforeCancel).toBeLessThan(200);
    // The cancelled one has stopped at both services.
    await expect.poll(() => draft.numRunning).toBe(0);
    await expect.poll(() => verifier.status()).toMatchObject({ numSessions: 0, numSlots: 0 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** The text as `adaedl generate` writes it: both models in one process. */
async function generateLocally() {
  const open = (directory: string) => ({ directory, numThreads: 1 });
  await using local = await openSpeculator({
    target: open(storyteller.target),
    draft: open(storyteller.draft),
  });
  const promptTokenIds = local.facts.tokenizer.encode("The captain looked at the letter and");
  const tokenIds: number[] = [];
  let text = "";
  for await (const event of local.generate({
    ...{ promptTokenIds, sampling: { temperature: 0.7 }, seed: 3, ignoreEos: true },
    ...{ maxTokens: 40, policy: "static:3" },
  })) {
    if (event.type === "finished") return { tokenIds, text, statistics: event.statistics };
    tokenIds.push(event.tokenId);
    text += event.text;
  }
  throw new Error("the generation ended without its last event");
}
