import { expect, test } from "vitest";
import { formatTraceparent, isSampled, spanIdOf, traceIdOf } from "./trace-context.ts";

const [traceId, spanId] = ["0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"];

test("what was put together is taken apart", () => {
  const traceparent = formatTraceparent(traceId, spanId, 1);
  expect(traceparent).toBe(`00-${traceId}-${spanId}-01`);
  expect([traceIdOf(traceparent), spanIdOf(traceparent)]).toEqual([traceId, spanId]);
});

test("the lowest of all eight flags says whether it is sampled", () => {
  for (let flags = 0; flags < 256; flags++)
    expect([flags, isSampled(formatTraceparent(traceId, spanId, flags))]).toEqual([
      flags,
      flags % 2 === 1,
    ]);
});
