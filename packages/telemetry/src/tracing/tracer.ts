/** What is said of a span. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanOptions {
  /** W3C trace context of the span it is part of, wherever that is; without one it begins a trace. */
  readonly parent: string | undefined;
  /** Which side of a call it is; default neither. */
  readonly kind?: SpanKind | undefined;
  readonly attributes?: SpanAttributes;
}

export type SpanKind = "server" | "client" | "producer" | "consumer";

/** A part of the work on a request. */
export interface Span {
  /** Whether anybody will look at it, or at a part of it: it was sampled. */
  readonly isOn: boolean;
  /** For whoever does a part of it; that of the parent where nothing is traced here. */
  readonly traceparent: string | undefined;
  set(attributes: SpanAttributes): void;
  /** @param error what it failed with */
  end(error?: SpanError): void;
}

/** What a span failed with. */
export interface SpanError {
  readonly code: string;
  readonly message: string;
}

/** A part that is over. */
export interface PartOptions extends SpanOptions {
  /** Its own trace context, where parts of it had to know that before: what `reserve` gave. */
  readonly traceparent?: string | undefined;
  readonly durationMs: number;
  /** How long ago it ended; default just now. */
  readonly agoMs?: number;
  readonly error?: SpanError | undefined;
}

/** Makes spans. Nothing here fails or waits. */
export interface Tracer {
  /** Begins a span: for what there is one of in a request. */
  start(name: string, options: SpanOptions): Span;
  /**
   * The trace context of a part that is recorded when it is over, for whoever does parts of it. That of
   * the parent where nothing is traced here.
   */
  reserve(parent: string | undefined): string | undefined;
  /**
   * A span of something that is over, which costs much less than one that is begun and ended: for what
   * there are many of in a request. Without a parent there is none.
   */
  record(name: string, part: PartOptions): void;
}

/** Traces nothing, and passes on what others trace. */
export const noTracer: Tracer = {
  start: (_, { parent }) => (parent === undefined ? noSpan : { ...noSpan, traceparent: parent }),
  reserve: (parent) => parent,
  record() {},
};

const noSpan: Span = { isOn: false, traceparent: undefined, set() {}, end() {} };
