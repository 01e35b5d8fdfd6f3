import type { Endpoint } from "./options.ts";

/** A network between clients that connect to `address` and the upstream. */
export interface NetworkEmulator extends AsyncDisposable {
  readonly port: number;
  /** Host and port to connect to, as in `127.0.0.1:4000`. */
  readonly address: string;
  /** Connections of which a side is open now. */
  readonly numConnections: number;
  /** Bytes passed on from clients to the upstream so far, over all connections. */
  readonly bytesUp: number;
  /** Bytes passed on from the upstream to clients so far, over all connections. */
  readonly bytesDown: number;
  /**
   * Changes the delay, in milliseconds, of what is sent from now on; what is on its way keeps its.
   * @throws RangeError naming the field, the value and the rule
   */
  setRoundTripMs(roundTripMs: number): void;
  /**
   * Changes where new connections go; open ones stay where they are.
   * @throws RangeError naming the field, the value and the rule
   */
  setUpstream(upstream: Endpoint): void;
  /**
   * Lets nothing pass any more on the connections there are and sends a reset to both sides: at
   * once, or within 10 ms where bytes have just been passed on, for their reader to take them first.
   */
  resetAll(): void;
  /**
   * Has each connection opened from now on reset as soon as one of its directions has passed on
   * exactly so many bytes; with 0, when the first would pass. `undefined` switches it off for the
   * connections opened after that.
   * @throws RangeError naming the field, the value and the rule
   */
  resetAfter(bytes: number | undefined): void;
  /**
   * Switches a half-open network on or off. While it is on, connections and bytes are accepted,
   * nothing passes, and nobody is told. Bytes, ends and resets of that time, and those on their way
   * when it begins, are lost; so is for good each connection that they were of or that was opened
   * meanwhile: later too, nothing passes on it. Other connections go on as if nothing had been.
   */
  blackHole(isOn: boolean): void;
  /** Has new connections reset as soon as they are accepted, or no longer. */
  refuse(isOn: boolean): void;
  /** Stops listening and resets all connections; resolves when every socket is closed. */
  close(): Promise<void>;
}
