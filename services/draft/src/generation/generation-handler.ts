import { AdaedlError, createPolicyMemory } from "@adaedl/core";
import type { GenerationHandler } from "@adaedl/protocol";
import { type GenerationHandlerParts, runGeneration } from "./run-generation.ts";

/** Refuses new generations once it drains. */
export interface DrainableHandler extends GenerationHandler {
  readonly numRunning: number;
  drain(): void;
}

/** When it is worth trying again: a generation takes about a second. */
const retryAfterMs = 1_000;

export function createGenerationHandler(parts: GenerationHandlerParts): DrainableHandler {
  const { description } = parts;
  const policyMemory = createPolicyMemory();
  let numRunning = 0;
  let isDraining = false;
  return {
    describe: () => ({ ...description, roundTripMs: parts.pool.roundTripMs }),
    get numRunning() {
      return numRunning;
    },
    drain() {
      isDraining = true;
    },
    async *generate(request, context) {
      if (isDraining) {
        parts.metrics?.countAs("rejected_requests_total", "draining");
        throw new AdaedlError("unavailable", "this draft service is shutting down");
      }
      if (numRunning >= description.maxRequests) {
        parts.metrics?.countAs("rejected_requests_total", "requests");
        throw new AdaedlError(
          "resource_exhausted",
          `${description.maxRequests} generations are running`,
          { field: "requests", value: numRunning, retryAfterMs },
        );
      }
      numRunning++;
      try {
        yield* runGeneration(parts, policyMemory, request, context);
      } finally {
        numRunning--;
      }
    },
  };
}
