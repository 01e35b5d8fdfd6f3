import { median } from "@adaedl/bench";
import { type ChannelOptions, openVerificationClient } from "@adaedl/protocol";

const numCalls = 7;
const timeoutMs = 10_000;

/** A verifier from here. */
export interface MeasuredVerifier {
  readonly rttMs: number;
  /** As it describes itself; empty: real time. */
  readonly emulatedForwardMs: string;
}

/**
 * The round trip to a verifier in milliseconds: the median of a few calls that ask next to nothing of it.
 * @throws AdaedlError `unavailable` when it cannot be reached
 */
export async function measureRoundTrip(
  channel: ChannelOptions,
  signal: AbortSignal,
): Promise<MeasuredVerifier> {
  const verifier = openVerificationClient(channel);
  try {
    const { emulatedForwardMs } = await verifier.describe(timeoutMs, signal); // opens the connection
    const times: number[] = [];
    for (let call = 0; call < numCalls; call++) {
      const startedAt = performance.now();
      await verifier.describe(timeoutMs, signal);
      times.push(performance.now() - startedAt);
    }
    return { rttMs: median(times), emulatedForwardMs };
  } finally {
    verifier.close();
  }
}
