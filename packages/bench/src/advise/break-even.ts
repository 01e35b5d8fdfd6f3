import type { PlayResult } from "../policies/play.ts";

/**
 * The distance from which on a stream gains next to nothing. Neither end waits for the other, so that it
 * loses nothing either: the target decodes on by itself, and what is drafted meanwhile shortens its way
 * as far as it arrives in time.
 */
export interface BreakEven {
  /** Beside the verifier: speed by that of plain streaming, and tokens that a target forward brings. */
  readonly timesPlain: number;
  readonly tokensPerForward: number;
  /** Of a forward there, and of one without draft tokens. */
  readonly verifyMs: number;
  readonly plainMs: number;
  /** The longest round trip at which a stream gains `leastGain`; undefined where it does at none. */
  readonly rttMs?: number | undefined;
}

type Timed = Pick<PlayResult, "durationMs">;

/** Speed by that of plain streaming that is worth a draft model. */
export const leastGain = 1.05;

/** Round trips that are looked at first, in milliseconds. */
const distances = [0, 5, 10, 20, 40, 80, 160, 320, 640];
/** Between two of them it is halved so often. */
const numHalvings = 4;

/**
 * @param playAt plays a stream, or plain decoding, over a round trip
 * @returns the longest round trip at which the stream gains so much, to a few per cent
 */
export async function furthestGain(
  playAt: (policy: "stream" | "none", rttMs: number) => Promise<Timed>,
): Promise<number | undefined> {
  const gains = async (rttMs: number) => {
    const [stream, plain] = [await playAt("stream", rttMs), await playAt("none", rttMs)];
    return plain.durationMs >= leastGain * stream.durationMs;
  };
  // From afar: beside the verifier a stream may gain less than a little way off.
  let index = distances.length - 1;
  while (index >= 0 && !(await gains(distances[index] as number))) index--;
  let near = distances[index];
  let far = distances[index + 1];
  if (near === undefined || far === undefined) return near;
  for (let halving = 0; halving < numHalvings; halving++) {
    const middle: number = (near + far) / 2;
    if (await gains(middle)) near = middle;
    else far = middle;
  }
  return near;
}
