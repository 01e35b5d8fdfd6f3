import type {
  Context,
  Span as OtelSpan,
  Tracer as OtelTracer,
  SpanStatus,
} from "@opentelemetry/api";
import type { IdGenerator, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { recordedSpan, type SpanOrigin } from "./recorded-span.ts";
import { formatTraceparent, isSampled, spanIdOf, traceIdOf } from "./trace-context.ts";
import {
  noTracer,
  type Span,
  type SpanAttributes,
  type SpanError,
  type SpanOptions,
  type Tracer,
} from "./tracer.ts";
import { createWallClock } from "./wall-clock.ts";

/** What a tracer is made of: OpenTelemetry's parts, loaded by whoever knows that they are needed. */
export interface TracerParts {
  readonly api: typeof import("@opentelemetry/api");
  /** Makes what is begun and ended, and asks the sampler. */
  readonly otel: OtelTracer;
  /** Takes what is recorded when it is over. */
  readonly processor: Pick<SpanProcessor, "onEnd">;
  readonly ids: Pick<IdGenerator, "generateSpanId">;
  readonly origin: SpanOrigin;
  /**
   * The sampler never takes a span whose parent it did not take: then a span that nobody will see costs
   * next to nothing.
   */
  readonly followsParents: boolean;
}

/** Makes spans by OpenTelemetry. */
export function createTracer(parts: TracerParts): Tracer {
  const { api, otel, processor, ids, origin, followsParents } = parts;
  const { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } = api;
  const now = createWallClock();
  const kindOf = (kind: SpanOptions["kind"]) =>
    SpanKind[(kind?.toUpperCase() ?? "INTERNAL") as keyof typeof SpanKind];
  const statusOf = (error: SpanError | undefined) =>
    error === undefined
      ? { code: SpanStatusCode.UNSET }
      : { code: SpanStatusCode.ERROR, message: error.message };

  /** One that is malformed is as none: OpenTelemetry looks at it. */
  function contextOf(parent: string | undefined): Context {
    if (parent === undefined) return ROOT_CONTEXT;
    const [traceId, spanId] = [traceIdOf(parent), spanIdOf(parent)];
    const traceFlags = isSampled(parent) ? 1 : 0;
    return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
  }

  /** A sampler that takes no notice of parents has to be asked, which only beginning a span does. */
  const isTaken = (parent: string) =>
    followsParents
      ? isSampled(parent)
      : otel.startSpan("part", undefined, contextOf(parent)).isRecording();

  return {
    start(name, options) {
      const { parent, attributes = {} } = options;
      if (followsParents && parent !== undefined && !isSampled(parent))
        return noTracer.start(name, options);
      const span = otel.startSpan(
        name,
        { kind: kindOf(options.kind), attributes },
        contextOf(parent),
      );
      // Whoever does a part of it is told that it is not sampled.
      return span.isRecording()
        ? asSpan(span, statusOf)
        : noTracer.start(name, { parent: traceparentOf(span) });
    },

    reserve(parent) {
      if (parent === undefined) return undefined;
      const traceId = traceIdOf(parent);
      return isTaken(parent)
        ? formatTraceparent(traceId, ids.generateSpanId(), 1)
        : formatTraceparent(traceId, spanIdOf(parent), 0);
    },

    record(name, { parent, traceparent, kind, attributes, durationMs, agoMs = 0, error }) {
      if (parent === undefined) return;
      if (traceparent === undefined ? !isTaken(parent) : !isSampled(traceparent)) return;
      const traceId = traceIdOf(parent);
      const spanId = traceparent === undefined ? ids.generateSpanId() : spanIdOf(traceparent);
      const endedAt = now() - agoMs;
      const facts = {
        name,
        kind: kindOf(kind),
        context: { traceId, spanId, traceFlags: 1 },
        parent: { traceId, spanId: spanIdOf(parent), traceFlags: 1 },
        startedAt: endedAt - durationMs,
        endedAt,
        attributes: attributesOf(attributes, error),
        status: statusOf(error),
      };
      processor.onEnd(recordedSpan(facts, origin));
    },
  };
}

function asSpan(span: OtelSpan, statusOf: (error: SpanError) => SpanStatus): Span {
  return {
    isOn: true,
    traceparent: traceparentOf(span),
    set: (attributes) => void span.setAttributes(attributes),
    end(error) {
      if (error !== undefined) {
        span.setAttribute("error.type", error.code);
        span.setStatus(statusOf(error));
      }
      span.end();
    },
  };
}

function traceparentOf(span: OtelSpan): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return formatTraceparent(traceId, spanId, traceFlags);
}

const attributesOf = (attributes: SpanAttributes = {}, error: SpanError | undefined) =>
  error === undefined ? attributes : { ...attributes, "error.type": error.code };
