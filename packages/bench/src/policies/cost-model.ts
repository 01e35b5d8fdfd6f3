/** What hardware and network cost, in milliseconds: what the virtual clock accounts. */
export interface CostModel {
  /** One token of the draft model. */
  readonly draftMs: number;
  /** One target forward, whatever it judges. */
  readonly verifyBaseMs: number;
  /** And for each guess in it. */
  readonly verifyTokenMs: number;
  /** A forward without guesses, where it is known to take another time than `verifyBaseMs`. */
  readonly plainMs?: number | undefined;
  readonly rttMs: number;
  /** Uplink in bits per millisecond; absent: no limit. */
  readonly bitsPerMs?: number | undefined;
}

/** Bytes on the wire, measured (docs/services.md): one guess, and what else a round sends up. */
const guessBytes = 18;
const roundBytes = 42;

/**
 * From the last guess drafted to the verdict. Guesses are sent while the next ones are drafted, so that
 * of the bytes only the last message's are waited for.
 * @param isAsked whether the verifier has to be asked: the later tokens of a plain run just follow
 */
export function verdictMs(costs: CostModel, numDrafted: number, isAsked: boolean): number {
  const { verifyBaseMs, verifyTokenMs, rttMs, bitsPerMs = Number.POSITIVE_INFINITY } = costs;
  const { plainMs = verifyBaseMs } = costs;
  const forwardMs = numDrafted === 0 ? plainMs : verifyBaseMs + verifyTokenMs * numDrafted;
  if (!isAsked) return forwardMs;
  const lastBytes = roundBytes + (numDrafted > 0 ? guessBytes : 0);
  return forwardMs + rttMs + (lastBytes * 8) / bitsPerMs;
}
