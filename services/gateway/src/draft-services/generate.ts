import { AdaedlError, throwIfAborted } from "@adaedl/core";
import type { GenerateEvent, GenerateRequest } from "@adaedl/protocol";
import type { DraftService } from "./draft-service.ts";
import { type DraftServicePool, retryAfterMs } from "./pool.ts";

/**
 * One generation at one draft service. While it has not brought a token, a service that fails is
 * given up for another one; afterwards the generation stays where it is, and fails with it.
 * @param timeoutMs of the whole generation, wherever it ends up
 * @throws AdaedlError what a draft service says of the request; `unavailable` with `retryAfterMs` when
 *   none has room, or the one it was at is lost
 */
export async function* generateSomewhere(
  pool: DraftServicePool,
  modelId: string,
  request: GenerateRequest,
  timeoutMs: number,
  signal: AbortSignal,
): AsyncGenerator<GenerateEvent> {
  const deadline = performance.now() + timeoutMs;
  const tried = new Set<DraftService>();
  let obstacle: AdaedlError | undefined;
  for (;;) {
    throwIfAborted(signal);
    const service = pool.pick(modelId, tried);
    if (service === undefined) throw noCapacity(obstacle);
    tried.add(service);
    const leave = service.occupy();
    /** What comes before the first token is the word of a service that may still be given up. */
    let early: GenerateEvent[] | undefined = [];
    try {
      const leftMs = Math.max(1, deadline - performance.now());
      for await (const event of service.client.generate(request, signal, leftMs)) {
        if (early !== undefined && event.type !== "token") {
          early.push(event);
          continue;
        }
        if (early !== undefined) yield* early;
        early = undefined;
        yield event;
      }
      if (early !== undefined) yield* early;
      return;
    } catch (thrown) {
      const error = AdaedlError.from(thrown);
      if (isOfTheRequest(error) || signal.aborted) throw error;
      if (error.code === "unavailable") service.failed(error);
      if (early === undefined) throw error;
      obstacle = error;
    } finally {
      leave();
    }
  }
}

/** Whether another draft service would say the same. */
function isOfTheRequest({ code }: AdaedlError): boolean {
  return code !== "unavailable" && code !== "resource_exhausted" && code !== "internal";
}

/** It is not this caller's doing that there is no room: never the code of a quota. */
function noCapacity(obstacle: AdaedlError | undefined): AdaedlError {
  if (obstacle?.code === "internal") return obstacle;
  const why = obstacle === undefined ? "" : `: ${obstacle.message}`;
  return new AdaedlError("unavailable", `no draft service has room for the request${why}`, {
    retryAfterMs: obstacle?.retryAfterMs ?? retryAfterMs,
    cause: obstacle,
  });
}
