/** What is said of a span; undefined is left out. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SpanOptions {
  /** W3C trace context of the span it is part of, wherever that is; without one it begins a trace. */
  readonly parent: string | undefined;
  /** Which side of a call it is; default neither. */
  readonly kind?: "server" | "client" | "producer" | "consumer" | undefined;
  readonly attributes?: SpanAttributes;
}

/** A part of the work on a request. */
export interface Span {
  /** Whether anybody will look at it, or at a part of it: it was sampled. */
  readonly isOn: boolean;
  /** For whoever does a part of it; that of the parent where nothing is traced here. */
  readonly traceparent: string | undefined;
  set(attributes: SpanAttributes): void;
  /** @param error what it failed with */
  end(error?: { readonly code: string; readonly message: string }): void;
}

/** Makes spans. Nothing here fails or waits. */
export interface Tracer {
  /** Whether anybody looks at what it makes: attributes that cost something can be left out. */
  readonly isOn: boolean;
  start(name: string, options: SpanOptions): Span;
  /** A span of something that has just ended. @param durationMs up to now, or up to `agoMs` before */
  record(name: string, options: SpanOptions, durationMs: number, agoMs?: number): void;
}

/** Traces nothing, and passes on what others trace. */
export const noTracer: Tracer = {
  isOn: false,
  start: (_, { parent }) => (parent === undefined ? noSpan : { ...noSpan, traceparent: parent }),
  record() {},
};

const noSpan: Span = { isOn: false, traceparent: undefined, set() {}, end() {} };
