import type {
  Context,
  SpanOptions as OtelOptions,
  Span as OtelSpan,
  Tracer as OtelTracer,
} from "@opentelemetry/api";
import {
  noTracer,
  type Span,
  type SpanAttributes,
  type SpanOptions,
  type Tracer,
} from "./tracer.ts";

/**
 * Makes spans by OpenTelemetry.
 * @param api loaded by whoever knows that it is needed
 * @param followsParents the sampler never takes a span whose parent it did not take: then a span that
 *   nobody will see costs next to nothing
 */
export function createTracer(
  otel: OtelTracer,
  api: typeof import("@opentelemetry/api"),
  followsParents: boolean,
): Tracer {
  const { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } = api;
  const kinds = {
    server: SpanKind.SERVER,
    client: SpanKind.CLIENT,
    producer: SpanKind.PRODUCER,
    consumer: SpanKind.CONSUMER,
  };
  const isIgnored = (parent: string | undefined): parent is string =>
    followsParents && parent !== undefined && !isSampled(parent);

  /** One that is malformed is as none: OpenTelemetry looks at it. */
  function contextOf(parent: string | undefined): Context {
    if (parent === undefined) return ROOT_CONTEXT;
    const [traceId, spanId] = [parent.slice(3, 35), parent.slice(36, 52)];
    const traceFlags = isSampled(parent) ? 1 : 0;
    return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
  }

  function start({ parent, kind, attributes }: SpanOptions, name: string, startTime?: number) {
    const options: OtelOptions = {
      kind: kind === undefined ? SpanKind.INTERNAL : kinds[kind],
      ...(attributes === undefined ? {} : { attributes: present(attributes) }),
      ...(startTime === undefined ? {} : { startTime }),
    };
    return otel.startSpan(name, options, contextOf(parent));
  }

  const asSpan = (span: OtelSpan): Span => ({
    isOn: true,
    traceparent: traceparentOf(span),
    set: (attributes) => void span.setAttributes(present(attributes)),
    end(error) {
      if (error !== undefined) {
        span.setAttribute("error.type", error.code);
        span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      }
      span.end();
    },
  });

  return {
    isOn: true,
    start(name, options) {
      if (isIgnored(options.parent)) return noTracer.start(name, options);
      const span = start(options, name);
      // Whoever does a part of it is told that it is not sampled.
      return span.isRecording()
        ? asSpan(span)
        : noTracer.start(name, { parent: traceparentOf(span) });
    },
    record(name, options, durationMs, agoMs = 0) {
      if (isIgnored(options.parent)) return;
      const endedAt = Date.now() - agoMs;
      start(options, name, endedAt - durationMs).end(endedAt);
    },
  };
}

/** The lowest bit of the last of W3C's fields: two hexadecimal digits. */
function isSampled(traceparent: string): boolean {
  return (Number.parseInt(traceparent.slice(53), 16) & 1) === 1;
}

function traceparentOf(span: OtelSpan): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}

/** A loop, since spans are made several times a token. */
function present(attributes: SpanAttributes): Record<string, string | number | boolean> {
  const kept: Record<string, string | number | boolean> = {};
  for (const name in attributes) {
    const value = attributes[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}
