import { expect, it } from "vitest";
import { openNetworkEmulator } from "./open-network-emulator.ts";
import type { NetworkEmulatorOptions } from "./options.ts";

const upstream = { host: "127.0.0.1", port: 9 };

it.each<[NetworkEmulatorOptions, string]>([
  [{ upstream: { host: "", port: 9 } }, 'upstream.host must be a name or an address, got ""'],
  [
    { upstream: { host: "h", port: 0 } },
    "upstream.port must be a whole number from 1 to 65535, got 0",
  ],
  [
    { upstream, listen: { host: "127.0.0.1", port: 65_536 } },
    "listen.port must be a whole number from 0 to 65535, got 65536",
  ],
  [{ upstream, roundTripMs: -1 }, "roundTripMs must be from 0 to 3600000, got -1"],
  [{ upstream, roundTripMs: Number.NaN }, "roundTripMs must be from 0 to 3600000, got NaN"],
  [{ upstream, jitter: 1.1 }, "jitter must be a fraction from 0 to 1, got 1.1"],
  [{ upstream, random: 7 as never }, "random must be a function, got 7"],
  [
    { upstream, bandwidthBitsPerSecond: 0 },
    "bandwidthBitsPerSecond must be finite, at least 1, got 0",
  ],
  [{ upstream, sliceBytes: 1.5 }, "sliceBytes must be a whole number of at least 1, got 1.5"],
])("refuses %j", async (options, message) => {
  await expect(openNetworkEmulator(options)).rejects.toThrow(new RangeError(message));
});

it("refuses bad values later on and keeps what it had", async () => {
  await using emulator = await openNetworkEmulator({ upstream });
  expect(() => emulator.setRoundTripMs(Number.POSITIVE_INFINITY)).toThrow(
    new RangeError("roundTripMs must be from 0 to 3600000, got Infinity"),
  );
  expect(() => emulator.setUpstream({ host: "127.0.0.1", port: -1 })).toThrow(
    new RangeError("upstream.port must be a whole number from 1 to 65535, got -1"),
  );
  expect(() => emulator.resetAfter(-1)).toThrow(
    new RangeError("resetAfter must be a whole number of at least 0, or undefined, got -1"),
  );
});
