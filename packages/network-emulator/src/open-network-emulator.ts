import type { Socket } from "node:net";
import { toConditions } from "./conditions.ts";
import { type Connection, openConnection } from "./connection.ts";
import { listen } from "./listen.ts";
import type { NetworkEmulator } from "./network-emulator.ts";
import {
  checkEndpoint,
  checkOptions,
  checkResetAfter,
  checkRoundTripMs,
  type NetworkEmulatorOptions,
} from "./options.ts";
import { resetSocket } from "./reset-socket.ts";

/** As long as the kernel waits for the end of a peer that nobody holds any more. */
const lingerMs = 60_000;

/**
 * Opens a TCP proxy that emulates a network: what a client sends reaches the upstream half a round
 * trip later, in order, and the other way round. An end (half-close) is passed on like bytes, an
 * error as a reset; an upstream that can't be reached shows as a reset of the client's connection.
 * Above 1 MiB on its way in one direction of a connection, no more is read from the sender.
 *
 * Delays are kept to about 1 ms, and never cut short by more than 0.5 ms each way, as long as the
 * event loop of this thread is free. Connecting takes no round trip: the kernel accepts at once.
 *
 * @param signal gives up opening; close the emulator once it is open
 * @throws RangeError naming the field, the value and the rule; the reason of the signal; the
 * system's error when the emulator can't listen
 */
export async function openNetworkEmulator(
  options: NetworkEmulatorOptions,
  signal?: AbortSignal,
): Promise<NetworkEmulator> {
  checkOptions(options);
  const conditions = toConditions(options);
  const connections = new Set<Connection>();
  const passedBytes = { up: 0, down: 0 };
  let upstream = options.upstream;
  let limitBytes = Number.POSITIVE_INFINITY;
  let isRefusing = false;
  let closing: Promise<void> | undefined;
  let onAllClosed = () => {};

  function accept(client: Socket): void {
    if (isRefusing) {
      client.on("error", () => {}); // it is gone either way
      resetSocket(client);
      return;
    }
    const connection = openConnection(client, {
      upstream,
      conditions,
      limitBytes,
      lingerMs,
      onPassed: (direction, numBytes) => {
        passedBytes[direction] += numBytes;
      },
      onClosed: () => {
        connections.delete(connection);
        if (connections.size === 0) onAllClosed();
      },
    });
    connections.add(connection);
  }

  const listener = await listen(options.listen, accept, signal);

  function resetAll(): void {
    for (const connection of connections) connection.reset();
  }

  function close(): Promise<void> {
    closing ??= Promise.all([
      listener.close(),
      new Promise<void>((resolve) => {
        onAllClosed = resolve;
        resetAll();
        if (connections.size === 0) resolve();
      }),
    ]).then(() => {});
    return closing;
  }

  return {
    port: listener.port,
    address: listener.address,
    get numConnections() {
      return connections.size;
    },
    get bytesUp() {
      return passedBytes.up;
    },
    get bytesDown() {
      return passedBytes.down;
    },
    setRoundTripMs(roundTripMs) {
      checkRoundTripMs(roundTripMs);
      conditions.oneWayMs = roundTripMs / 2;
    },
    setUpstream(endpoint) {
      checkEndpoint("upstream", endpoint);
      upstream = endpoint;
    },
    resetAll,
    resetAfter(bytes) {
      checkResetAfter(bytes);
      limitBytes = bytes ?? Number.POSITIVE_INFINITY;
    },
    blackHole(isOn) {
      if (isOn && !conditions.isBlackHole)
        for (const connection of connections) connection.enterBlackHole();
      conditions.isBlackHole = isOn;
    },
    refuse(isOn) {
      isRefusing = isOn;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
