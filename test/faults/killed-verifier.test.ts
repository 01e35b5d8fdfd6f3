import { setTimeout as sleep } from "node:timers/promises";
import { drafterKinds } from "@adaedl/core";
import type { RunningDraftService } from "@adaedl/draft-service";
import { openNetworkEmulator } from "@adaedl/network-emulator";
import { beforeAll, expect, test } from "vitest";
import { startTestDraftService } from "../network/start-services.ts";
import {
  type Disturbance,
  type DisturbedResult,
  hangMs,
  runDisturbed,
  runGroupsDisturbed,
  type UndisturbedText,
  undisturbedTexts,
} from "./disturbed.ts";
import { createVerifierProcess, type VerifierProcess } from "./verifier-process.ts";

const timeouts = { openMs: 10_000, roundMs: 2_000, giveUpMs: 120_000 };
let undisturbed: readonly UndisturbedText[];
beforeAll(async () => {
  undisturbed = await undisturbedTexts();
}, 300_000);

/** Two verifiers in processes of their own, and draft services in front of them. */
interface Serving extends AsyncDisposable {
  readonly verifiers: readonly VerifierProcess[];
  /** Lists both verifiers. */
  readonly ofBoth: RunningDraftService;
  /** Each lists one verifier only. [verifiers] */
  readonly ofOne: readonly RunningDraftService[];
}

async function serve(): Promise<Serving> {
  const verifiers = [await createVerifierProcess(), await createVerifierProcess()];
  await Promise.all(verifiers.map((verifier) => verifier.start()));
  // 4 ms away, so that a session lasts long enough to be met in the middle.
  const networks = await Promise.all(
    verifiers.map(({ port }) =>
      openNetworkEmulator({ upstream: { host: "127.0.0.1", port }, roundTripMs: 4 }),
    ),
  );
  const addresses = networks.map(({ address }) => address);
  const ofBoth = await startTestDraftService(addresses, { timeouts, drafters: drafterKinds });
  const ofOne = await Promise.all(
    addresses.map((address) => startTestDraftService([address], { timeouts })),
  );
  return {
    verifiers,
    ofBoth,
    ofOne,
    async [Symbol.asyncDispose]() {
      await Promise.all([ofBoth, ...ofOne].map((draft) => draft.close()));
      await Promise.all(networks.map((network) => network.close()));
      await Promise.all(verifiers.map((verifier) => verifier.kill()));
    },
  };
}

// One kill meets sessions that may move to a second verifier, and sessions that have to wait for a new process.
test("kill -9 of a verifier, 50 times, with a second one listed and where it is the only one: every text is what it would have been", {
  timeout: 1_200_000,
}, async () => {
  await using serving = await serve();
  const { verifiers, ofBoth, ofOne } = serving;
  const disturbance: Disturbance = {
    numRuns: 50,
    numSessions: 2,
    withinMs: 400,
    async disturb(run) {
      const victim = verifiers[run % 2];
      await victim?.kill();
      await victim?.start();
    },
  };
  const addressOf = [() => ofBoth.address, (run: number) => ofOne[run % 2]?.address ?? ""];
  const results = await runGroupsDisturbed(addressOf, undisturbed, disturbance);
  const [withSecond, withoutSecond] = results as [DisturbedResult, DisturbedResult];
  expect(withSecond.numReopened).toBeGreaterThan(20); // most runs met a session in the middle
  expect(withSecond.runMs.at(-1)).toBeLessThan(hangMs(withSecond.runMs, 15_000));
  expect(withoutSecond.numReopened).toBeGreaterThan(50);
  expect(withoutSecond.runMs.at(-1)).toBeLessThan(hangMs(withoutSecond.runMs, 20_000));
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
