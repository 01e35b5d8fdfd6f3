/** What is known of a draft service. */
export interface Liveness {
  /** Whether it takes generations, as far as is known. */
  readonly isServing: boolean;
  /** Probes in a row without an answer in time. */
  readonly numMissed: number;
}

/** What happened at a draft service. */
export type Evidence =
  /** A probe was answered: it serves. */
  | "served"
  /** A probe was answered otherwise, or refused. */
  | "refused"
  /** A probe was not answered in time. */
  | "missed"
  /** A request lost its connection, or found none. */
  | "disconnected"
  /** A request failed by the service's own word, which speaks of this request alone. */
  | "request_failed";

export const unknown: Liveness = { isServing: false, numMissed: 0 };

/**
 * Probes in a row without an answer in time, until a service that served counts as gone. One that opens
 * many sessions at once answers late, and still streams: to turn everybody away then would be wrong.
 */
const maxMissed = 3;

/** What is known after one more piece of evidence: probes and connections decide, requests do not. */
export function nextLiveness(known: Liveness, evidence: Evidence): Liveness {
  switch (evidence) {
    case "served":
      return { isServing: true, numMissed: 0 };
    case "refused":
    case "disconnected":
      return { ...known, isServing: false };
    case "missed": {
      const numMissed = known.numMissed + 1;
      return { isServing: known.isServing && numMissed < maxMissed, numMissed };
    }
    case "request_failed":
      return known;
  }
}
