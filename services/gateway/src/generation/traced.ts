import { AdaedlError } from "@adaedl/core";
import type { GenerateEvent } from "@adaedl/protocol";
import type { Span, Tracer } from "@adaedl/telemetry";
import type { Indexed } from "./merge.ts";

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

/** The same events; the span ends with them. */
export async function* traced(
  events: AsyncGenerator<Indexed<GenerateEvent>>,
  span: Span,
): AsyncGenerator<Indexed<GenerateEvent>> {
  let numInput = 0;
  let numOutput = 0;
  let failure: AdaedlError | undefined;
  try {
    for await (const indexed of events) {
      const { event } = indexed;
      if (event.type === "started") numInput += event.promptTokenIds.length;
      else if (event.type === "token") numOutput++;
      yield indexed;
    }
  } catch (error) {
    failure = AdaedlError.from(error);
    throw error;
  } finally {
    span.set({ "gen_ai.usage.input_tokens": numInput, "gen_ai.usage.output_tokens": numOutput });
    span.end(failure);
  }
}
