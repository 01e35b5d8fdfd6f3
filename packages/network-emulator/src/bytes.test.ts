import { createHash, randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { openNetworkEmulator } from "./open-network-emulator.ts";
import { dial, outcome, startEchoServer } from "./sockets.cases.ts";

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

it.each([0, 6])(
  "keeps each byte and their order, there and back, %d ms away",
  async (roundTripMs) => {
    await using server = await startEchoServer();
    await using emulator = await openNetworkEmulator({ upstream: server.endpoint, roundTripMs });
    const client = dial(emulator.port);
    const result = outcome(client);
    const sent = randomBytes(3_000_001);
    for (let start = 0; start < sent.length; start += 30_011)
      client.write(sent.subarray(start, start + 30_011));
    client.end();
    const { bytes, ending } = await result;
    expect(ending).toBe("end");
    expect(sha256(bytes)).toBe(sha256(sent));
  },
);
