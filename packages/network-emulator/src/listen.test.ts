import { expect, it } from "vitest";
import { openNetworkEmulator } from "./open-network-emulator.ts";

const upstream = { host: "127.0.0.1", port: 9 };

it("says where it listens", async () => {
  await using emulator = await openNetworkEmulator({ upstream });
  expect(emulator.port).toBeGreaterThan(0);
  expect(emulator.address).toBe(`127.0.0.1:${emulator.port}`);
});

it("fails with the system's error where the port is taken", async () => {
  await using emulator = await openNetworkEmulator({ upstream });
  const listen = { host: "127.0.0.1", port: emulator.port };
  await expect(openNetworkEmulator({ upstream, listen })).rejects.toMatchObject({
    code: "EADDRINUSE",
  });
});

it("listens on the port that it is told", async () => {
  const first = await openNetworkEmulator({ upstream });
  await first.close();
  const listen = { host: "127.0.0.1", port: first.port };
  await using second = await openNetworkEmulator({ upstream, listen });
  expect(second.address).toBe(first.address);
});

it("gives up opening with the reason of the signal", async () => {
  const reason = new Error("enough");
  await expect(openNetworkEmulator({ upstream }, AbortSignal.abort(reason))).rejects.toBe(reason);
  const controller = new AbortController();
  const listen = { host: "localhost", port: 0 };
  const opening = openNetworkEmulator({ upstream, listen }, controller.signal);
  controller.abort(reason);
  await expect(opening).rejects.toBe(reason);
});
