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
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: Attributes;
  readonly status: SpanStatus;
}

const none: [] = [];

/**
 * A span as exporters read it, of something that is over. OpenTelemetry's own is made to be changed until
 * it ends, which costs twice as much, and a round has four of them.
 */
export function recordedSpan(
  { name, kind, context, parent, startedAt, endedAt, attributes, status }: SpanFacts,
  { resource, instrumentationScope }: SpanOrigin,
): ReadableSpan {
  return {
    name,
    kind,
    spanContext: () => context,
    parentSpanContext: parent,
    startTime: hrTime(startedAt),
    endTime: hrTime(endedAt),
    duration: hrTime(endedAt - startedAt),
    ended: true,
    attributes,
    status,
    links: none,
    events: none,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    resource,
    instrumentationScope,
  };
}

/** Seconds and nanoseconds. */
function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.min(Math.round((ms - seconds * 1_000) * 1e6), 999_999_999)];
}
