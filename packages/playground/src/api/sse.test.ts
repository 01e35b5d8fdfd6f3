import { expect, test } from "vitest";
import { createEventDecoder, readEvents } from "./sse.ts";

const stream =
  'data: {"a":1}\n\n: still here\n\nevent: x\ndata: two\ndata: lines\r\n\r\ndata:[DONE]\n\n';
const events = ['{"a":1}', "two\nlines", "[DONE]"];

test.each([1, 2, 3, 7, stream.length])("events come out whole from pieces of %i", (size) => {
  const decode = createEventDecoder();
  const out: string[] = [];
  for (let at = 0; at < stream.length; at += size) out.push(...decode(stream.slice(at, at + size)));
  expect(out).toEqual(events);
});

test("an event that was not ended is not delivered", () => {
  expect(createEventDecoder()("data: half\n")).toEqual([]);
});

test("an event without an end is rejected before it fills the memory", () => {
  const decode = createEventDecoder();
  decode(`data: ${"x".repeat(1 << 20)}`.slice(0, 1 << 20));
  expect(() => decode("more")).toThrow("without an end");
});

test("characters that are cut between two pieces come out whole", async () => {
  const bytes = new TextEncoder().encode("data: naïve ☂\n\n");
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  const out: string[] = [];
  for await (const event of readEvents(body)) out.push(event);
  expect(out).toEqual(["naïve ☂"]);
});
