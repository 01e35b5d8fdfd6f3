import type { Span, Tracer } from "@adaedl/telemetry";

/** A request, in the words of OpenTelemetry's conventions for generative AI. */
export interface TracedRequest {
  /** `chat` or `text_completion` */
  readonly operation: string;
  readonly model: string;
  readonly path: string;
  readonly numChoices: number;
  /** W3C trace context that the client sent. */
  readonly traceparent: string | undefined;
}

/** It ends with the request's events (`metered`). */
export function startRequestSpan(tracer: Tracer, request: TracedRequest): Span {
  const { operation, model, path, numChoices, traceparent } = request;
  return tracer.start(`${operation} ${model}`, {
    parent: traceparent,
    kind: "server",
    attributes: {
      "gen_ai.operation.name": operation,
      "gen_ai.provider.name": "adaedl",
      "gen_ai.request.model": model,
      "gen_ai.request.choice.count": numChoices,
      "http.request.method": "POST",
      "url.path": path,
    },
  });
}
