import { AdaedlError } from "@adaedl/core";
import type { GenerateEvent } from "@adaedl/protocol";
import { retryAfterMs } from "../draft-services/pool.ts";

/** About what of an event stays in memory until a whole answer of it is sent, in bytes. */
export function bytesOf(event: GenerateEvent): number {
  if (event.type !== "token") return 400;
  return 400 + 250 * (event.topLogprobs?.length ?? 0);
}

/** What one answer holds. */
export interface AnswerShare {
  /**
   * @throws AdaedlError `out_of_range` for an answer that is too large by itself; `unavailable` with
   *   `retryAfterMs` where all together are, and this one holds more than its part
   */
  hold(numBytes: number): void;
  /** Gives everything back; may be called again. */
  release(): void;
}

/**
 * Memory of answers in one piece, which tell of every token: until the last one, and until they are sent. Of
 * those that are too many it is large ones that fail.
 * @param maxBytes of all of them; small ones may come on top of it, once more as much
 */
export function createAnswerMemory(maxBytes: number): () => AnswerShare {
  let numShares = 0;
  let numBytes = 0;
  return () => {
    let held = 0;
    let isOver = false;
    numShares++;
    return {
      hold(more) {
        held += more;
        numBytes += more;
        if (numBytes <= maxBytes || held <= maxBytes / numShares) return;
        const advice = "ask for a stream, or for fewer choices, tokens or log-probabilities";
        if (held > maxBytes)
          throw new AdaedlError("out_of_range", `the answer is too large for one piece: ${advice}`);
        const rule = `answers in one piece hold all the memory they may, ${maxBytes >> 20} MiB`;
        throw new AdaedlError("unavailable", `${rule}: ${advice}`, { retryAfterMs });
      },
      release() {
        if (isOver) return;
        isOver = true;
        numShares--;
        numBytes -= held;
      },
    };
  };
}
