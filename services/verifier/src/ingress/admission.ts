import { AdaedlError } from "@adaedl/core";

export interface AdmissionLimits {
  /** Sessions at a time, of all clients. */
  readonly maxSessions: number;
  /** Prompt tokens + max_tokens of one client's running sessions. */
  readonly maxClientTokens: number;
}

/** Decides who may open a session. */
export interface Admission {
  readonly numSessions: number;
  /**
   * @returns to be called when the session ends
   * @throws AdaedlError `resource_exhausted` with the time to wait, `unavailable` while draining
   */
  admit(client: string, numTokens: number): () => void;
  /** From now on nobody is admitted. */
  drain(): void;
}

/** Sessions last seconds; a slot is likely to be free by then. */
const retryAfterMs = 1_000;

export function createAdmission({ maxSessions, maxClientTokens }: AdmissionLimits): Admission {
  const tokensOf = new Map<string, number>();
  let numSessions = 0;
  let isDraining = false;

  return {
    get numSessions() {
      return numSessions;
    },
    admit(client, numTokens) {
      if (isDraining) throw new AdaedlError("unavailable", "this verifier is shutting down");
      if (numSessions >= maxSessions)
        throw new AdaedlError("resource_exhausted", `${maxSessions} sessions are running`, {
          field: "sessions",
          value: numSessions,
          retryAfterMs,
        });
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
      numSessions++;
      tokensOf.set(client, held + numTokens);
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        numSessions--;
        const left = (tokensOf.get(client) ?? 0) - numTokens;
        if (left > 0) tokensOf.set(client, left);
        else tokensOf.delete(client);
      };
    },
    drain() {
      isDraining = true;
    },
  };
}
