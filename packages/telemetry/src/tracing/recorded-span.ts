import type { Attributes, HrTime, SpanContext, SpanKind, SpanStatus } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";

/** Who made a span; the same objects for all of them, since exporters group spans by identity. */
export type SpanOrigin = Pick<ReadableSpan, "resource" | "instrumentationScope">;

/** What is known of something that is over. */
export interface SpanFacts {
  readonly name: string;
  readonly kind: SpanKind;
  readonly context: SpanContext;
  readonly parent: SpanContext;
  /** Milliseconds since 1970. */
  readonly endedAt: number;
  readonly durationMs: number;
  /** Without one that is undefined. */
  readonly attributes: Attributes;
  readonly status: SpanStatus;
}

const none: [] = [];

/**
 * A span as exporters read it, of something that is over. OpenTelemetry's own is made to be changed until
 * it ends, which costs several times as much, and a round has five of them.
 */
export function recordedSpan(facts: SpanFacts, origin: SpanOrigin): ReadableSpan {
  const { name, kind, context, parent, endedAt, durationMs, attributes, status } = facts;
  return {
    name,
    kind,
    spanContext: () => context,
    parentSpanContext: parent,
    startTime: hrTime(endedAt - durationMs),
    endTime: hrTime(endedAt),
    duration: hrTime(durationMs),
    ended: true,
    attributes,
    status,
    links: none,
    events: none,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    resource: origin.resource,
    instrumentationScope: origin.instrumentationScope,
  };
}

/** Seconds and nanoseconds. */
function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.floor((ms - seconds * 1_000) * 1e6)];
}
