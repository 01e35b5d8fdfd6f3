import type { TargetMessage } from "@adaedl/core";
import {
  openGrpcServer,
  openVerificationClient,
  type VerificationHandler,
  verificationService,
} from "@adaedl/protocol";
import { createTestRandom } from "@adaedl/testing";
import { expect, test } from "vitest";
import { startTestDraftService, startTestVerifier } from "../network/start-services.ts";
import { runDisturbed, undisturbedTexts } from "./disturbed.ts";

/** Passes everything on to a verifier, but says commits twice, or once more later. */
function confused(address: string): VerificationHandler & { readonly numExtra: number } {
  const client = openVerificationClient({ address });
  const random = createTestRandom(9);
  let numExtra = 0;
  return {
    get numExtra() {
      return numExtra;
    },
    describe: () => {
      throw new Error("is described by the verifier itself");
    },
    getTokenizer: (digest, signal) => client.getTokenizer(digest, 5_000, signal),
    async verify(receive, send, { signal }) {
      const open = await receive();
      if (open?.type !== "open") throw new Error("a stream begins with Open");
      const upstream = client.openStream(open);
      signal.addEventListener("abort", () => upstream.close(), { once: true });
      const up = (async () => {
        for (let message = await receive(); message; message = await receive())
          if (message.type !== "open") upstream.send(message);
      })();
      up.catch(() => {}); // ends with the call
      const earlier: TargetMessage[] = [];
      for (
        let message = await upstream.receive(signal);
        message;
        message = await upstream.receive(signal)
      ) {
        const late = earlier[random.integer(earlier.length + 1)];
        if (late !== undefined && random.next() < 0.5) {
          numExtra++;
          await send(late);
        }
        await send(message);
        if (message.type !== "commit") continue;
        earlier.push(message);
        if (random.next() < 0.5) {
          numExtra++;
          await send(message);
        }
      }
    },
  };
}

test("duplicated and late commits change nothing, 50 runs", { timeout: 600_000 }, async () => {
  await using verifier = await startTestVerifier();
  const { description } = verifier;
  const middle = confused(verifier.address);
  const handler = { ...middle, describe: () => description };
  await using server = await openGrpcServer({ listen: "127.0.0.1:0" }, [
    verificationService(handler, 5_000),
  ]);
  await using draft = await startTestDraftService([server.address]);
  const undisturbed = await undisturbedTexts();
  const { numReopened } = await runDisturbed(draft.address, undisturbed, {
    numRuns: 50,
    numSessions: 2,
    withinMs: 1,
    disturb: async () => {},
  });
  expect(numReopened).toBe(0);
  expect(middle.numExtra).toBeGreaterThan(1_000);
});
