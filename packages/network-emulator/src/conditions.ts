import type { NetworkEmulatorOptions } from "./options.ts";

/** The state of the emulated network, which all connections share and the emulator changes. */
export interface NetworkConditions {
  /** Mean delay of one direction in milliseconds. */
  oneWayMs: number;
  /** Nothing passes, and nobody is told. */
  isBlackHole: boolean;
  readonly jitter: number;
  readonly random: () => number;
  /** Infinity where there is no limit. */
  readonly bitsPerMs: number;
  /** Most bytes that travel as one. */
  readonly pieceBytes: number;
  /** Each piece is written in a turn of the event loop of its own. */
  readonly isSliced: boolean;
}

/** A usual payload of a packet: pieces are no smaller unless it is asked for. */
const packetBytes = 1460;

/** The network that checked options ask for. */
export function toConditions(options: NetworkEmulatorOptions): NetworkConditions {
  const { roundTripMs = 0, jitter = 0, random = Math.random, sliceBytes } = options;
  const bitsPerMs = (options.bandwidthBitsPerSecond ?? Number.POSITIVE_INFINITY) / 1000;
  return {
    oneWayMs: roundTripMs / 2,
    isBlackHole: false,
    jitter,
    random,
    bitsPerMs,
    // A timer tells no two moments of a millisecond apart, so what goes in one may travel as one.
    pieceBytes: sliceBytes ?? Math.max(packetBytes, Math.floor(bitsPerMs / 8)),
    isSliced: sliceBytes !== undefined,
  };
}
