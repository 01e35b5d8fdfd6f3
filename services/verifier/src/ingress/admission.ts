import { AdaedlError, FairPlaces } from "@adaedl/core";

export interface AdmissionLimits {
  /** Sessions at a time, of all clients. */
  readonly maxSessions: number;
  /** Prompt tokens + max_tokens of one client's running sessions. */
  readonly maxClientTokens: number;
}

/** A session's place among those that run at a time. */
export interface SessionPlace {
  /** Aborted when the place is given to another session. */
  readonly lost: AbortSignal;
  /** The session waits for the target. */
  work(): void;
  /** It waits for its client: to ask for something, or to read. */
  rest(): void;
  /** The session has ended. */
  release(): void;
}

/** Decides who may open a session. */
export interface Admission {
  readonly numSessions: number;
  /** @throws AdaedlError `resource_exhausted` with the time to wait, `unavailable` while draining */
  admit(client: string, numTokens: number): SessionPlace;
  /** From now on nobody is admitted. */
  drain(): void;
}

/** Sessions last seconds; a slot is likely to be free by then. */
const retryAfterMs = 1_000;
/** After so long a session that waits for its client makes room for others, in milliseconds. */
export const idleMs = 5_000;

/** @param now milliseconds of a monotonic clock */
export function createAdmission(
  { maxSessions, maxClientTokens }: AdmissionLimits,
  now = () => performance.now(),
): Admission {
  const places = new FairPlaces<AbortController>({ maxPlaces: maxSessions });
  const tokensOf = new Map<string, number>();
  let isDraining = false;

  /** @throws AdaedlError where the client has too many tokens at a time */
  function checkTokens(client: string, numTokens: number): void {
    if (numTokens > maxClientTokens)
      throw new AdaedlError(
        "out_of_range",
        `prompt tokens + maxTokens must be at most ${maxClientTokens} here, got ${numTokens}`,
        { field: "tokens", value: numTokens },
      );
    const held = tokensOf.get(client) ?? 0;
    if (held + numTokens > maxClientTokens)
      throw new AdaedlError(
        "resource_exhausted",
        `tokens of client ${client} must be at most ${maxClientTokens} at a time: ${held} are running, ${numTokens} more were asked for`,
        { field: "tokens", value: numTokens, retryAfterMs },
      );
  }

  function addTokens(client: string, numTokens: number): void {
    const held = (tokensOf.get(client) ?? 0) + numTokens;
    if (held > 0) tokensOf.set(client, held);
    else tokensOf.delete(client);
  }

  return {
    get numSessions() {
      return places.size;
    },
    admit(client, numTokens) {
      if (isDraining) throw new AdaedlError("unavailable", "this verifier is shutting down");
      checkTokens(client, numTokens);
      const place = new AbortController();
      const given = places.take(place, client, 1, now());
      if (given === undefined) throw full(`${maxSessions} sessions are running`);
      for (const other of given)
        other.abort(full(`one of ${maxSessions} sessions had to make room for another client's`));
      addTokens(client, numTokens);
      let isHeld = true;
      return {
        lost: place.signal,
        work: () => places.work(place),
        rest: () => places.rest(place, now() + idleMs),
        release() {
          if (!isHeld) return;
          isHeld = false;
          places.free(place);
          addTokens(client, -numTokens);
        },
      };
    },
    drain() {
      isDraining = true;
    },
  };
}

function full(message: string): AdaedlError {
  return new AdaedlError("resource_exhausted", message, { field: "sessions", retryAfterMs });
}
