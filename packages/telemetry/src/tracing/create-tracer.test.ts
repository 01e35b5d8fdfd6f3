import * as api from "@opentelemetry/api";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  ParentBasedSampler,
  type Sampler,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { expect, test } from "vitest";
import { createTracer } from "./create-tracer.ts";

function open(sampler: Sampler, followsParents: boolean) {
  const exporter = new InMemorySpanExporter();
  const spanProcessors = [new SimpleSpanProcessor(exporter)];
  const provider = new BasicTracerProvider({ sampler, spanProcessors });
  const tracer = createTracer(provider.getTracer("test"), api, followsParents);
  return { tracer, spans: () => exporter.getFinishedSpans() };
}

const takesAll = () => open(new ParentBasedSampler({ root: new AlwaysOnSampler() }), true);
const traceId = "0af7651916cd43dd8448eb211c80319c";
const sampled = `00-${traceId}-b7ad6b7169203331-01`;
const unsampled = `00-${traceId}-b7ad6b7169203331-00`;

test("a span has its parent, kind and attributes, without those that are undefined", () => {
  const { tracer, spans } = takesAll();
  const attributes = { number: 1, nothing: undefined };
  const span = tracer.start("whole", { parent: sampled, kind: "server", attributes });
  expect(span.isOn).toBe(true);
  span.set({ word: "a", nothing: undefined });
  tracer.record("part", { parent: span.traceparent }, 30, 20);
  span.end({ code: "internal", message: "it broke" });
  const [part, whole] = spans();
  expect(whole).toMatchObject({
    ...{ name: "whole", kind: api.SpanKind.SERVER },
    attributes: { number: 1, word: "a", "error.type": "internal" },
    parentSpanContext: { traceId, spanId: "b7ad6b7169203331", isRemote: true },
    status: { code: api.SpanStatusCode.ERROR, message: "it broke" },
  });
  expect(Object.keys(whole?.attributes ?? {})).not.toContain("nothing");
  expect(span.traceparent).toBe(`00-${traceId}-${whole?.spanContext().spanId}-01`);
  expect(part?.parentSpanContext?.spanId).toBe(whole?.spanContext().spanId);
  expect(part?.duration).toEqual([0, 30_000_000]);
});

test("what is not sampled is passed on as it came, and nothing is made of it", () => {
  const { tracer, spans } = takesAll();
  const span = tracer.start("whole", { parent: unsampled });
  expect([span.isOn, span.traceparent]).toEqual([false, unsampled]);
  tracer.record("part", { parent: unsampled }, 1);
  span.end();
  expect(spans()).toEqual([]);
});

test("whoever is asked by a trace that is not sampled here is told so", () => {
  const { tracer } = open(new ParentBasedSampler({ root: new AlwaysOffSampler() }), true);
  const { isOn, traceparent } = tracer.start("whole", { parent: undefined });
  expect(isOn).toBe(false);
  expect(traceparent).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-00$/);
});

test("a sampler that takes no notice of parents is asked", () => {
  const { tracer, spans } = open(new AlwaysOnSampler(), false);
  tracer.start("whole", { parent: unsampled }).end();
  tracer.record("part", { parent: unsampled }, 1);
  expect(spans().map((span) => [span.name, span.spanContext().traceId])).toEqual([
    ["whole", traceId],
    ["part", traceId],
  ]);
});

test("a parent that is none begins a trace", () => {
  const { tracer, spans } = takesAll();
  tracer.start("whole", { parent: `00-${"0".repeat(32)}-b7ad6b7169203331-01` }).end();
  expect(spans()[0]?.parentSpanContext).toBeUndefined();
});
