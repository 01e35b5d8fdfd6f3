/** Where a TCP server listens. */
export interface Endpoint {
  /** A name or an IP address. */
  readonly host: string;
  readonly port: number;
}

/** What network to emulate. */
export interface NetworkEmulatorOptions {
  /** The server that clients of the emulator reach. */
  readonly upstream: Endpoint;
  /** Where the emulator listens, by default on a free port of 127.0.0.1; port 0 takes a free one. */
  readonly listen?: Endpoint;
  /** Milliseconds for a byte to go and its answer to come back: half each way. Default 0. */
  readonly roundTripMs?: number;
  /** How far a delay strays from its mean, as a fraction of it, evenly both ways. Default 0. */
  readonly jitter?: number;
  /** Draws the jitter: a number from 0 up to 1, at each call. Default `Math.random`. */
  readonly random?: () => number;
  /** Bits per second of each direction of each connection. Default: no limit. */
  readonly bandwidthBitsPerSecond?: number;
  /**
   * Cuts what passes into pieces of at most so many bytes. Each is written in a turn of the event
   * loop of its own, so that a reader rarely gets two at once. Default: pieces as they come.
   */
  readonly sliceBytes?: number;
}

/** More would be a slip of the unit, and is as far as the timers need to reach. */
const maxRoundTripMs = 3_600_000;

/** @throws RangeError naming the field, the value and the rule */
export function checkOptions(options: NetworkEmulatorOptions): void {
  checkEndpoint("upstream", options.upstream);
  if (options.listen !== undefined) checkEndpoint("listen", options.listen, 0);
  const { roundTripMs, jitter, random, bandwidthBitsPerSecond, sliceBytes } = options;
  if (roundTripMs !== undefined) checkRoundTripMs(roundTripMs);
  if (jitter !== undefined && !(jitter >= 0 && jitter <= 1))
    throw invalid("jitter", jitter, "must be a fraction from 0 to 1");
  if (random !== undefined && typeof random !== "function")
    throw invalid("random", random, "must be a function");
  if (bandwidthBitsPerSecond !== undefined)
    if (!(bandwidthBitsPerSecond >= 1 && bandwidthBitsPerSecond < Number.POSITIVE_INFINITY))
      throw invalid("bandwidthBitsPerSecond", bandwidthBitsPerSecond, "must be finite, at least 1");
  if (sliceBytes !== undefined && !(Number.isSafeInteger(sliceBytes) && sliceBytes >= 1))
    throw invalid("sliceBytes", sliceBytes, "must be a whole number of at least 1");
}

/** @throws RangeError naming the field, the value and the rule */
export function checkEndpoint(field: string, { host, port }: Endpoint, minPort = 1): void {
  if (typeof host !== "string" || host === "")
    throw invalid(`${field}.host`, host, "must be a name or an address");
  if (!(Number.isInteger(port) && port >= minPort && port <= 65_535))
    throw invalid(`${field}.port`, port, `must be a whole number from ${minPort} to 65535`);
}

/** @throws RangeError naming the field, the value and the rule */
export function checkRoundTripMs(roundTripMs: number): void {
  if (!(roundTripMs >= 0 && roundTripMs <= maxRoundTripMs))
    throw invalid("roundTripMs", roundTripMs, `must be from 0 to ${maxRoundTripMs}`);
}

/** @throws RangeError naming the field, the value and the rule */
export function checkResetAfter(bytes: number | undefined): void {
  if (bytes !== undefined && !(Number.isSafeInteger(bytes) && bytes >= 0))
    throw invalid("resetAfter", bytes, "must be a whole number of at least 0, or undefined");
}

function invalid(field: string, value: unknown, rule: string): RangeError {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return new RangeError(`${field} ${rule}, got ${text}`);
}
