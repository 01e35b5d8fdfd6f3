import { setTimeout as sleep } from "node:timers/promises";
import type { RunningDraftService } from "@adaedl/draft-service";
import { type NetworkEmulator, openNetworkEmulator } from "@adaedl/network-emulator";
import type { RunningVerifier } from "@adaedl/verifier";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestDraftService, startTestVerifier } from "../network/start-services.ts";
import { hangMs, runDisturbed, type UndisturbedText, undisturbedTexts } from "./disturbed.ts";

const patient = { timeout: 600_000 };
let verifier: RunningVerifier;
let undisturbed: readonly UndisturbedText[];

beforeAll(async () => {
  undisturbed = await undisturbedTexts();
  verifier = await startTestVerifier();
}, 300_000);
afterAll(() => verifier?.close());

/** Two ways to the verifier, 4 ms long, and a draft service at the end of both. */
interface Ways extends AsyncDisposable {
  readonly networks: readonly NetworkEmulator[];
  readonly draft: RunningDraftService;
}

async function openWays(): Promise<Ways> {
  const upstream = { host: "127.0.0.1", port: Number(verifier.address.split(":")[1]) };
  const networks = await Promise.all(
    [0, 1].map(() => openNetworkEmulator({ upstream, roundTripMs: 4 })),
  );
  const draft = await startTestDraftService(
    networks.map(({ address }) => address),
    {
      timeouts: { openMs: 600, roundMs: 600, giveUpMs: 120_000 },
      keepalive: { timeMs: 300, timeoutMs: 300 },
    },
  );
  return {
    networks,
    draft,
    async [Symbol.asyncDispose]() {
      await draft.close();
      await Promise.all(networks.map((network) => network.close()));
    },
  };
}

// Side by side: most of each is waiting.
test.concurrent("connections reset at random moments, 50 times", patient, async () => {
  await using ways = await openWays();
  const { numReopened } = await runDisturbed(ways.draft.address, undisturbed, {
    numRuns: 50,
    numSessions: 2,
    withinMs: 300,
    async disturb(_, random) {
      for (let count = 0; count <= random.integer(3); count++) {
        for (const network of ways.networks) network.resetAll();
        await sleep(random.integer(60));
      }
    },
  });
  expect(numReopened).toBeGreaterThan(50);
});

test.concurrent("connections reset at random bytes, 50 times", patient, async () => {
  await using ways = await openWays();
  const { numReopened } = await runDisturbed(ways.draft.address, undisturbed, {
    numRuns: 50,
    numSessions: 2,
    withinMs: 50,
    async disturb(_, random) {
      for (const network of ways.networks) {
        network.resetAfter(500 + random.integer(4_000));
        network.resetAll(); // the next connections are cut at that byte
      }
      await sleep(250);
      for (const network of ways.networks) network.resetAfter(undefined);
    },
  });
  expect(numReopened).toBeGreaterThan(50);
});

test.concurrent(
  "black holes: connections that say nothing any more, 50 times",
  patient,
  async () => {
    await using ways = await openWays();
    const { numReopened, runMs } = await runDisturbed(ways.draft.address, undisturbed, {
      numRuns: 50,
      numSessions: 2,
      withinMs: 200,
      async disturb(run) {
        const network = ways.networks[run % 2];
        network?.blackHole(true);
        await sleep(200);
        network?.blackHole(false);
      },
    });
    expect(numReopened).toBeGreaterThan(20);
    expect(runMs.at(-1)).toBeLessThan(hangMs(runMs, 15_000)); // nothing hangs: a round is given up after 0.6 s
  },
);

test("what the verifier held for lost connections is freed", async () => {
  await expect
    .poll(() => verifier.status(), { timeout: 40_000, interval: 200 })
    .toMatchObject({ numSessions: 0, numSlots: 0, numQueued: 0, cacheBytesUsed: 0 });
});
