import { AdaedlError, throwIfAborted } from "@adaedl/core";
import type { GenerateEvent, GenerateRequest } from "@adaedl/protocol";
import type { Tracer } from "@adaedl/telemetry";
import type { DraftService } from "./draft-service.ts";
import { type DraftServicePool, retryAfterMs } from "./pool.ts";

/** What the generations of a request have in common. */
export interface GenerationTerms {
  readonly pool: DraftServicePool;
  readonly modelId: string;
  /** Of each generation, wherever it ends up. */
  readonly timeoutMs: number;
  readonly tracer: Tracer;
  /** Of the span they are part of. */
  readonly traceparent: string | undefined;
}

/**
 * One generation at one draft service. While it has not brought a token, a service that fails is
 * given up for another one; afterwards the generation stays where it is, and fails with it.
 * @param requestId names it in everybody's logs
 * @throws AdaedlError what a draft service says of the request; `unavailable` with `retryAfterMs` when
 *   none has room, or the one it was at is lost
 */
export async function* generateSomewhere(
  { pool, modelId, timeoutMs, tracer, traceparent }: GenerationTerms,
  request: GenerateRequest,
  requestId: string,
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
    const span = tracer.start("adaedl.v1.Generation/Generate", {
      parent: traceparent,
      kind: "client",
      attributes: { "rpc.system": "grpc", "server.address": service.address },
    });
    let failure: AdaedlError | undefined;
    /** What comes before the first token is the word of a service that may still be given up. */
    let early: GenerateEvent[] | undefined = [];
    try {
      const leftMs = Math.max(1, deadline - performance.now());
      const events = service.client.generate(request, signal, {
        timeoutMs: leftMs,
        traceparent: span.traceparent,
        requestId,
      });
      for await (const event of events) {
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
      failure = error;
      if (isOfTheRequest(error) || signal.aborted) throw error;
      if (error.code === "unavailable") service.failed(error);
      if (early === undefined) throw lost(error);
      obstacle = error;
    } finally {
      span.end(failure);
      leave();
    }
  }
}

/** Whether another draft service would say the same. */
function isOfTheRequest({ code }: AdaedlError): boolean {
  return code !== "unavailable" && code !== "resource_exhausted" && code !== "internal";
}

/** Another try may go to another draft service. */
function lost(error: AdaedlError): AdaedlError {
  if (error.code !== "unavailable" || error.retryAfterMs !== undefined) return error;
  return new AdaedlError("unavailable", error.message, { retryAfterMs, cause: error });
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
