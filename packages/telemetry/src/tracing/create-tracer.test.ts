import * as api from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  ParentBasedSampler,
  RandomIdGenerator,
  type Sampler,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { describe, expect, test } from "vitest";
import { createTracer } from "./create-tracer.ts";

function open(sampler: Sampler, followsParents: boolean) {
  const exporter = new InMemorySpanExporter();
  const processor = new SimpleSpanProcessor(exporter);
  const resource = resourceFromAttributes({ "service.name": "test" });
  const provider = new BasicTracerProvider({ resource, sampler, spanProcessors: [processor] });
  const tracer = createTracer({
    ...{ api, otel: provider.getTracer("test"), processor, ids: new RandomIdGenerator() },
    ...{ origin: { resource, instrumentationScope: { name: "test" } }, followsParents },
  });
  return { tracer, spans: () => exporter.getFinishedSpans() };
}

const takesAll = () => open(new ParentBasedSampler({ root: new AlwaysOnSampler() }), true);
const traceId = "0af7651916cd43dd8448eb211c80319c";
const sampled = `00-${traceId}-b7ad6b7169203331-01`;
const unsampled = `00-${traceId}-b7ad6b7169203331-00`;

describe("a span that is begun and ended", () => {
  test("has its parent, kind, attributes and error", () => {
    const { tracer, spans } = takesAll();
    const span = tracer.start("whole", { parent: sampled, kind: "server", attributes: { a: 1 } });
    expect(span.isOn).toBe(true);
    span.set({ word: "b" });
    span.end({ code: "internal", message: "it broke" });
    const [whole] = spans();
    expect(whole).toMatchObject({
      ...{ name: "whole", kind: api.SpanKind.SERVER },
      attributes: { a: 1, word: "b", "error.type": "internal" },
      parentSpanContext: { traceId, spanId: "b7ad6b7169203331", isRemote: true },
      status: { code: api.SpanStatusCode.ERROR, message: "it broke" },
    });
    expect(span.traceparent).toBe(`00-${traceId}-${whole?.spanContext().spanId}-01`);
  });

  test("begins a trace when its parent is none", () => {
    const { tracer, spans } = takesAll();
    tracer.start("whole", { parent: `00-${"0".repeat(32)}-b7ad6b7169203331-01` }).end();
    expect(spans()[0]?.parentSpanContext).toBeUndefined();
  });
});

describe("a part that is recorded when it is over", () => {
  test("is to an exporter what OpenTelemetry's own would be", () => {
    const { tracer, spans } = takesAll();
    const own = tracer.start("own", { parent: sampled, kind: "producer", attributes: { a: 1 } });
    own.end({ code: "internal", message: "it broke" });
    tracer.record("own", {
      ...{ parent: sampled, kind: "producer", attributes: { a: 1 }, durationMs: 1 },
      error: { code: "internal", message: "it broke" },
    });
    const [theirs, ours] = spans();
    const same = ["name", "kind", "attributes", "status", "links", "events", "ended"] as const;
    for (const field of [...same, "resource"] as const)
      expect([field, ours?.[field]]).toEqual([field, theirs?.[field]]);
    for (const field of ["Attributes", "Events", "Links"] as const)
      expect(ours?.[`dropped${field}Count`]).toBe(0);
    expect(ours?.spanContext()).toMatchObject({ traceId, traceFlags: 1 });
    expect(ours?.spanContext().spanId).toMatch(/^[\da-f]{16}$/);
    expect(ours?.spanContext().spanId).not.toBe(theirs?.spanContext().spanId);
    expect(ours?.parentSpanContext?.spanId).toBe(theirs?.parentSpanContext?.spanId);
  });

  test("lasts as long as is said, and ended when it is said", () => {
    const { tracer, spans } = takesAll();
    const earliest = Date.now();
    tracer.record("part", { parent: sampled, durationMs: 1_030.25, agoMs: 20 });
    const latest = Date.now();
    const [part] = spans();
    const ms = ([seconds, nanoseconds]: api.HrTime) => seconds * 1_000 + nanoseconds / 1e6;
    const { startTime, endTime, duration } = part as NonNullable<typeof part>;
    expect(duration).toEqual([1, 30_250_000]);
    expect(ms(endTime) - ms(startTime)).toBeCloseTo(1_030.25, 2);
    // The clock's whole milliseconds, and two readings of it.
    expect(ms(endTime)).toBeGreaterThanOrEqual(earliest - 20 - 3);
    expect(ms(endTime)).toBeLessThanOrEqual(latest - 20 + 3);
  });

  test("has parts of its own, recorded before it", () => {
    const { tracer, spans } = takesAll();
    const traceparent = tracer.reserve(sampled);
    expect(traceparent).toMatch(new RegExp(`^00-${traceId}-[\\da-f]{16}-01$`));
    tracer.record("inner", { parent: traceparent, durationMs: 1 });
    tracer.record("outer", { parent: sampled, traceparent, durationMs: 2 });
    const [inner, outer] = spans();
    expect(outer?.spanContext().spanId).toBe(traceparent?.slice(36, 52));
    expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
    expect(outer?.parentSpanContext?.spanId).toBe("b7ad6b7169203331");
  });

  test("is none without a parent", () => {
    const { tracer, spans } = takesAll();
    expect(tracer.reserve(undefined)).toBeUndefined();
    tracer.record("part", { parent: undefined, durationMs: 1 });
    expect(spans()).toEqual([]);
  });
});

describe("sampling", () => {
  test("what is not sampled is passed on as it came, and nothing is made of it", () => {
    const { tracer, spans } = takesAll();
    const span = tracer.start("whole", { parent: unsampled });
    expect([span.isOn, span.traceparent]).toEqual([false, unsampled]);
    const traceparent = tracer.reserve(unsampled);
    expect(traceparent).toBe(unsampled);
    tracer.record("part", { parent: unsampled, durationMs: 1 });
    tracer.record("part", { parent: unsampled, traceparent, durationMs: 1 });
    span.end();
    expect(spans()).toEqual([]);
  });

  test("whoever is asked by a trace that is not sampled here is told so", () => {
    const { tracer } = open(new ParentBasedSampler({ root: new AlwaysOffSampler() }), true);
    const { isOn, traceparent } = tracer.start("whole", { parent: undefined });
    expect(isOn).toBe(false);
    expect(traceparent).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-00$/);
  });

  test.each([
    ["takes all", new AlwaysOnSampler(), unsampled, "01", 3],
    ["takes none", new AlwaysOffSampler(), sampled, "00", 0],
  ] as const)("a sampler that takes no notice of parents is asked: it %s", (...row) => {
    const [, sampler, parent, flags, numSpans] = row;
    const { tracer, spans } = open(sampler, false);
    tracer.start("whole", { parent }).end();
    tracer.record("part", { parent, durationMs: 1 });
    const traceparent = tracer.reserve(parent);
    expect(traceparent?.slice(53)).toBe(flags);
    tracer.record("part", { parent, traceparent, durationMs: 1 });
    expect(spans()).toHaveLength(numSpans);
    for (const span of spans()) expect(span.spanContext().traceId).toBe(traceId);
  });
});
