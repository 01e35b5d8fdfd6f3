import type {
  SpanOptions as OtelOptions,
  Span as OtelSpan,
  Tracer as OtelTracer,
} from "@opentelemetry/api";
import { createExporter, isTracingAsked } from "./exporter.ts";
import {
  noTracer,
  type Span,
  type SpanAttributes,
  type SpanOptions,
  type Tracer,
} from "./tracer.ts";

/** A tracer, and the way to be rid of it. */
export interface Tracing {
  readonly tracer: Tracer;
  /** Sends what is left, within a few seconds. */
  close(): Promise<void>;
}

/** For what is left at the end; whoever collects it may be away. */
const closeTimeoutMs = 3_000;

/**
 * Traces as the standard variables say (`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_TRACES_EXPORTER`,
 * `OTEL_TRACES_SAMPLER`, `OTEL_RESOURCE_ATTRIBUTES`, …). Without them nothing is traced, and nothing
 * of OpenTelemetry is loaded.
 * @param service part of `service.name` where `OTEL_SERVICE_NAME` does not say it
 * @throws Error when they ask for an exporter that is not known
 */
export async function openTracing(
  service: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Tracing> {
  if (!isTracingAsked(env)) return { tracer: noTracer, close: async () => {} };
  const { BasicTracerProvider, BatchSpanProcessor } = await import("@opentelemetry/sdk-trace-base");
  const { defaultResource, detectResources, envDetector, resourceFromAttributes } = await import(
    "@opentelemetry/resources"
  );
  const exporter = await createExporter(env);
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ "service.name": `adaedl-${service}` }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  const api = await import("@opentelemetry/api");
  const { parseTraceParent } = await import("@opentelemetry/core");
  return {
    tracer: createTracer(provider.getTracer("adaedl"), api, parseTraceParent),
    async close() {
      const flushed = provider.shutdown().catch(() => {}); // nobody is there to be told
      let timer: NodeJS.Timeout | undefined;
      const timeIsUp = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, closeTimeoutMs);
      });
      await Promise.race([flushed, timeIsUp]);
      clearTimeout(timer);
    },
  };
}

function createTracer(
  otel: OtelTracer,
  { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace }: typeof import("@opentelemetry/api"),
  parseTraceParent: typeof import("@opentelemetry/core").parseTraceParent,
): Tracer {
  const kinds = {
    server: SpanKind.SERVER,
    client: SpanKind.CLIENT,
    producer: SpanKind.PRODUCER,
    consumer: SpanKind.CONSUMER,
  };

  function start(name: string, { parent, kind, attributes }: SpanOptions, more: OtelOptions) {
    const context = parent === undefined ? null : parseTraceParent(parent);
    const within =
      context === null
        ? ROOT_CONTEXT
        : trace.setSpanContext(ROOT_CONTEXT, { ...context, isRemote: true });
    const options: OtelOptions = {
      ...more,
      kind: kind === undefined ? SpanKind.INTERNAL : kinds[kind],
      attributes: present(attributes ?? {}),
    };
    return otel.startSpan(name, options, within);
  }

  const asSpan = (span: OtelSpan): Span => ({
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
    start: (name, options) => asSpan(start(name, options, {})),
    record(name, options, durationMs, agoMs = 0) {
      const endedAt = Date.now() - agoMs;
      start(name, options, { startTime: endedAt - durationMs }).end(endedAt);
    },
  };
}

function traceparentOf(span: OtelSpan): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}

function present(attributes: SpanAttributes): Record<string, string | number | boolean> {
  const entries = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Record<string, string | number | boolean>;
}
