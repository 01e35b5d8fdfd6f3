import type { Attributes, HrTime, SpanContext, SpanKind, SpanStatus } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { spanIdOf, traceIdOf } from "./trace-context.ts";

/** Who made a span; the same objects for all of them, since exporters group spans by identity. */
export type SpanOrigin = Pick<ReadableSpan, "resource" | "instrumentationScope">;

/** What is known of something that is over. */
export interface SpanFacts {
  readonly name: string;
  readonly kind: SpanKind;
  /** Its own trace context, sampled. */
  readonly traceparent: string;
  readonly parent: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Without one that is undefined. */
  readonly attributes: Attributes;
  readonly status: SpanStatus;
}

/**
 * A span as exporters read it, of something that is over. OpenTelemetry's own is made to be changed until
 * it ends, which costs several times as much, and a round has five of them. What only exporters ask for
 * is made when they do: until then it would have to be kept.
 */
export class RecordedSpan implements ReadableSpan {
  readonly #facts: SpanFacts;
  readonly #origin: SpanOrigin;

  constructor(facts: SpanFacts, origin: SpanOrigin) {
    this.#facts = facts;
    this.#origin = origin;
  }

  get name(): string {
    return this.#facts.name;
  }
  get kind(): SpanKind {
    return this.#facts.kind;
  }
  get attributes(): Attributes {
    return this.#facts.attributes;
  }
  get status(): SpanStatus {
    return this.#facts.status;
  }
  get resource() {
    return this.#origin.resource;
  }
  get instrumentationScope() {
    return this.#origin.instrumentationScope;
  }
  spanContext(): SpanContext {
    return contextOf(this.#facts.traceparent);
  }
  get parentSpanContext(): SpanContext {
    return contextOf(this.#facts.parent);
  }
  get startTime(): HrTime {
    return hrTime(this.#facts.startedAt);
  }
  get endTime(): HrTime {
    return hrTime(this.#facts.endedAt);
  }
  get duration(): HrTime {
    return hrTime(this.#facts.endedAt - this.#facts.startedAt);
  }
  get ended(): boolean {
    return true;
  }
  get links(): [] {
    return [];
  }
  get events(): [] {
    return [];
  }
  get droppedAttributesCount(): number {
    return 0;
  }
  get droppedEventsCount(): number {
    return 0;
  }
  get droppedLinksCount(): number {
    return 0;
  }
}

/** Of a sampled span; whether it is of another process is not known here, and is left out. */
function contextOf(traceparent: string): SpanContext {
  return { traceId: traceIdOf(traceparent), spanId: spanIdOf(traceparent), traceFlags: 1 };
}

/** Seconds and nanoseconds. */
function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1e6)];
}
