import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { generateAt, startTestDraftService, startTestVerifier } from "../network/start-services.ts";
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
    const { tokenIds, text, finished } = await generateAt(draft.address, {
      prompt: { type: "text", text: "The captain looked at the letter and" },
      sampling: { temperature: 0.7 },
      seed: 3,
      ignoreEos: true,
      maxTokens: 40,
      policy: "static:3",
    });
    expect(seen).toMatchObject({
      health: "SERVING",
      services: ["adaedl.v1.Generation", "grpc.health.v1.Health"],
      verifierServices: ["adaedl.v2.Verification", "grpc.health.v1.Health"],
      targetModelId: "storyteller-target",
      vocabularySize: verifier.description.vocabulary.size,
      tokenIds,
      text,
      usage: 40,
      numDrafted: finished.statistics.numDrafted,
      finishReason: "FINISH_REASON_LENGTH",
      cancelled: "CANCELLED",
      refused: ["INVALID_ARGUMENT", "maxTokens must be a whole number, 1 or more, got 0"],
      hasDetails: true,
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
