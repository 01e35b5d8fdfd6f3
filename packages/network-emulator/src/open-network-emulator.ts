import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import {
  type Connection,
  type Endpoint,
  type NetworkConditions,
  openConnection,
} from "./connection.ts";

/** What network to emulate. */
export interface NetworkEmulatorOptions {
  /** The server that clients of the emulator reach. */
  readonly upstream: Endpoint;
  /** Milliseconds for a byte to go and its answer to come back: half each way. Default 0. */
  readonly roundTripMs?: number;
}

/** A network between clients that connect to `address` and the upstream. */
export interface NetworkEmulator extends AsyncDisposable {
  /** Of 127.0.0.1. */
  readonly port: number;
  /** Host and port to connect to, as in `127.0.0.1:4000`. */
  readonly address: string;
  /** Connections of which a side is open now. */
  readonly numConnections: number;
  /**
   * Lets nothing pass any more on the connections there are and sends a reset to both sides: at
   * once, or within 10 ms where bytes have just been passed on, for their reader to take them first.
   */
  resetAll(): void;
  /**
   * Has each connection opened from now on reset as soon as one of its directions has passed on
   * exactly so many bytes; with 0, when the first would pass. `undefined` switches it off for the
   * connections opened after that.
   */
  resetAfter(bytes: number | undefined): void;
  /**
   * Switches a half-open network on or off. While it is on, connections and bytes are accepted,
   * nothing passes, and nobody is told. Bytes, ends and resets of that time, and those on their way
   * when it begins, are lost; so is for good each connection that they were of or that was opened
   * meanwhile: later too, nothing passes on it. Other connections go on as if nothing had been.
   */
  blackHole(isOn: boolean): void;
  /** Stops listening and resets all connections; resolves when every socket is closed. */
  close(): Promise<void>;
}

/** More would be a slip of the unit, and is as far as the timers need to reach. */
const maxRoundTripMs = 3_600_000;
/** As long as the kernel waits for the end of a peer that nobody holds any more. */
const lingerMs = 60_000;

/**
 * Opens a TCP proxy on a free port of 127.0.0.1 that emulates a network: what a client sends reaches
 * the upstream half a round trip later, in order, and the other way round. An end (half-close) is passed
 * on like bytes, an error as a reset; an upstream that can't be reached shows as a reset of the client's
 * connection. Above 1 MiB on its way in one direction of a connection, no more is read from the sender.
 *
 * Delays are kept to about 1 ms, and never cut short by more than 0.5 ms each way, as long as the
 * event loop of this thread is free. Connecting takes no round trip: the kernel accepts at once.
 *
 * @throws RangeError for a round trip that is none; the system's error when the emulator can't listen
 */
export async function openNetworkEmulator({
  upstream,
  roundTripMs = 0,
}: NetworkEmulatorOptions): Promise<NetworkEmulator> {
  if (!(roundTripMs >= 0 && roundTripMs <= maxRoundTripMs))
    throw new RangeError(`roundTripMs must be from 0 to ${maxRoundTripMs}, got ${roundTripMs}`);
  const conditions: NetworkConditions = { oneWayMs: roundTripMs / 2, isBlackHole: false };
  const connections = new Set<Connection>();
  let limitBytes = Number.POSITIVE_INFINITY;
  let onAllClosed = () => {};

  function accept(client: Socket): void {
    const connection = openConnection(client, {
      ...{ upstream, conditions, limitBytes, lingerMs },
      onClosed() {
        connections.delete(connection);
        if (connections.size === 0) onAllClosed();
      },
    });
    connections.add(connection);
  }
  function resetAll(): void {
    for (const connection of connections) connection.reset();
  }

  const server = createServer({ allowHalfOpen: true, noDelay: true }, accept);
  await once(server.listen(0, "127.0.0.1"), "listening");
  server.on("error", () => {}); // a connection that can't be accepted is the client's to notice
  const { port } = server.address() as AddressInfo;

  let closing: Promise<void> | undefined;
  function close(): Promise<void> {
    closing ??= new Promise((resolve) => {
      onAllClosed = resolve;
      server.close();
      resetAll();
      if (connections.size === 0) resolve();
    });
    return closing;
  }

  return {
    port,
    address: `127.0.0.1:${port}`,
    get numConnections() {
      return connections.size;
    },
    resetAll,
    resetAfter(bytes = Number.POSITIVE_INFINITY) {
      limitBytes = bytes;
    },
    blackHole(isOn) {
      if (isOn && !conditions.isBlackHole)
        for (const connection of connections) connection.enterBlackHole();
      conditions.isBlackHole = isOn;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
