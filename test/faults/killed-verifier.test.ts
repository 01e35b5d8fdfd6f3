import { setTimeout as sleep } from "node:timers/promises";
import { type DrafterKind, drafterKinds } from "@adaedl/core";
import type { RunningDraftService } from "@adaedl/draft-service";
import { type NetworkEmulator, openNetworkEmulator } from "@adaedl/network-emulator";
import { beforeAll, expect, test } from "vitest";
import { startTestDraftService } from "../network/start-services.ts";
import { hangMs, runDisturbed, type UndisturbedText, undisturbedTexts } from "./disturbed.ts";
import { createVerifierProcess, type VerifierProcess } from "./verifier-process.ts";

const timeouts = { openMs: 10_000, roundMs: 2_000, giveUpMs: 120_000 };
let undisturbed: readonly UndisturbedText[];
beforeAll(async () => {
  undisturbed = await undisturbedTexts();
}, 300_000);

/** Verifiers in processes of their own, and a draft service that has them all. */
interface Serving extends AsyncDisposable {
  readonly verifiers: readonly VerifierProcess[];
  readonly draft: RunningDraftService;
}

/** @param drafters what drafts, where it is not the model alone */
async function serveFrom(
  numVerifiers: number,
  drafters?: readonly DrafterKind[],
): Promise<Serving> {
  const verifiers: VerifierProcess[] = [];
  const networks: NetworkEmulator[] = [];
  for (let index = 0; index < numVerifiers; index++) {
    const verifier = await createVerifierProcess();
    await verifier.start();
    verifiers.push(verifier);
    // 4 ms away, so that a session lasts long enough to be met in the middle.
    const upstream = { host: "127.0.0.1", port: verifier.port };
    networks.push(await openNetworkEmulator({ upstream, roundTripMs: 4 }));
  }
  const draft = await startTestDraftService(
    networks.map(({ address }) => address),
    { timeouts, drafters },
  );
  return {
    verifiers,
    draft,
    async [Symbol.asyncDispose]() {
      await draft.close();
      await Promise.all(networks.map((network) => network.close()));
      await Promise.all(verifiers.map((verifier) => verifier.kill()));
    },
  };
}

// Side by side: most of either is waiting for a verifier to start.
test.concurrent("kill -9 of a verifier with a second one listed, 50 times: every text is what it would have been", {
  timeout: 1_200_000,
}, async () => {
  await using serving = await serveFrom(2, drafterKinds); // the other test drafts with the model alone
  const restarting: Promise<void>[] = [];
  const { numReopened, runMs } = await runDisturbed(serving.draft.address, undisturbed, {
    numRuns: 50,
    numSessions: 2,
    withinMs: 400,
    async disturb(run) {
      await Promise.all(restarting.splice(0)); // never both at once
      const victim = serving.verifiers[run % 2];
      await victim?.kill();
      restarting.push(sleep(100).then(() => victim?.start()));
    },
  });
  await Promise.all(restarting);
  expect(numReopened).toBeGreaterThan(20); // most runs met a session in the middle
  expect(runMs.at(-1)).toBeLessThan(hangMs(runMs, 15_000));
});

test.concurrent("kill -9 of the only verifier, which is started again, 50 times", {
  timeout: 1_200_000,
}, async () => {
  await using serving = await serveFrom(1);
  const [only] = serving.verifiers;
  const { numReopened, runMs } = await runDisturbed(serving.draft.address, undisturbed, {
    numRuns: 50,
    numSessions: 2,
    withinMs: 400,
    async disturb() {
      await only?.kill();
      await only?.start();
    },
  });
  expect(numReopened).toBeGreaterThan(50);
  expect(runMs.at(-1)).toBeLessThan(hangMs(runMs, 20_000));
});

test("SIGTERM drains: running texts are finished, exit code 0; a second one ends it at once", {
  timeout: 240_000,
}, async () => {
  const verifier = await createVerifierProcess(["--drain-timeout", "20"]);
  const port = { host: "127.0.0.1", port: verifier.port };
  await using network = await openNetworkEmulator({ upstream: port, roundTripMs: 10 });
  for (const numSignals of [1, 2]) {
    await verifier.start();
    await using service = await startTestDraftService([network.address], { timeouts });
    const { numReopened } = await runDisturbed(service.address, undisturbed, {
      numRuns: 1,
      numSessions: 4,
      withinMs: 200,
      async disturb(_, __, begun) {
        await begun;
        const startedAt = performance.now();
        for (let count = 0; count < numSignals; count++) {
          verifier.signal("SIGTERM");
          await sleep(50);
        }
        if (numSignals === 1) return;
        expect(await verifier.ended()).toBe(0);
        expect(performance.now() - startedAt).toBeLessThan(2_000);
        await verifier.start(); // the sessions that were cut off go on there
      },
    });
    if (numSignals === 1) {
      expect(numReopened).toBe(0); // all were allowed to finish
      expect(await verifier.ended()).toBe(0);
    } else {
      expect(numReopened).toBeGreaterThan(0);
      await verifier.kill();
    }
  }
});
