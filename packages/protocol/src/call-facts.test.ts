import { Metadata } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { factsOf, toMetadata } from "./call-facts.ts";

const facts = {
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  requestId: "request_1-A",
};

test("what is said about a call arrives, and what is not said does not", () => {
  expect(factsOf(toMetadata(facts))).toEqual(facts);
  expect(factsOf(toMetadata({}))).toEqual({ traceparent: undefined, requestId: undefined });
});

describe("what is malformed is as if it had not been sent", () => {
  test.each(["", "a b", "a".repeat(65), "../x"])("request id %j", (requestId) => {
    const metadata = new Metadata();
    metadata.set("x-request-id", requestId);
    expect(factsOf(metadata).requestId).toBeUndefined();
  });

  // As W3C has it: fields of fixed lengths, ids that are not all zeros, and no version ff.
  test.each([
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
    "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
    "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
    "00-00000000000000000000000000000000-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
    "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "nonsense",
  ])("trace context %s", (traceparent) => {
    const metadata = new Metadata();
    metadata.set("traceparent", traceparent);
    expect(factsOf(metadata).traceparent).toBeUndefined();
  });
});
