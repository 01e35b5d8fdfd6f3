import { AdaedlError, errorCodes } from "@adaedl/core";
import { Metadata, type StatusObject, status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { errorMessages } from "../definitions.ts";
import { fromServiceError, toStatus } from "./rich-status.ts";
import { errorCodeOf, grpcStatusOf } from "./status-codes.ts";

const detailsKey = "grpc-status-details-bin";
const typePrefix = "type.googleapis.com/google.rpc.";
const { Status, ...types } = errorMessages();

/** The details of a status by type, read as any client of gRPC would. */
function detailsOf({ metadata }: StatusObject) {
  const [bytes] = metadata.get(detailsKey);
  const envelope = Status.deserialize(bytes as Buffer);
  const details = envelope.details as unknown as { type_url: string; value: Buffer }[];
  const read = details.map(({ type_url, value }) => {
    const name = type_url.slice(typePrefix.length) as keyof typeof types;
    expect(type_url).toBe(`${typePrefix}${name}`);
    return [name, types[name].deserialize(value)];
  });
  return { envelope, details: Object.fromEntries(read) };
}

function withDetails(bytes: Buffer, code = status.INVALID_ARGUMENT): StatusObject {
  const metadata = new Metadata();
  metadata.set(detailsKey, bytes);
  return { code, details: "seed is bad", metadata };
}

test("each code has a status of its own, and comes back from it", () => {
  const statuses = errorCodes.map(grpcStatusOf);
  expect(new Set(statuses).size).toBe(errorCodes.length);
  expect(statuses.map(errorCodeOf)).toEqual([...errorCodes]);
  expect(statuses).not.toContain(status.OK);
});

test.each([status.UNKNOWN, status.DATA_LOSS, status.ALREADY_EXISTS, 99])(
  "status %i, which no code has, is internal",
  (grpcStatus) => {
    expect(errorCodeOf(grpcStatus)).toBe("internal");
  },
);

test("the details are google.rpc's ErrorInfo, BadRequest and RetryInfo", () => {
  const thrown = new AdaedlError("resource_exhausted", "tokens must be at most 10, got 12", {
    field: "tokens",
    value: 12,
    retryAfterMs: 1_250,
  });
  const sent = toStatus(thrown);
  expect(sent.code).toBe(status.RESOURCE_EXHAUSTED);
  expect(sent.details).toBe("tokens must be at most 10, got 12");
  const { envelope, details } = detailsOf(sent);
  expect(envelope).toMatchObject({ code: sent.code, message: sent.details });
  expect(details).toEqual({
    ErrorInfo: {
      reason: "RESOURCE_EXHAUSTED",
      domain: "adaedl",
      metadata: { field: "tokens", value: "12" },
    },
    BadRequest: {
      fieldViolations: [expect.objectContaining({ field: "tokens", description: sent.details })],
    },
    RetryInfo: { retryDelay: { seconds: "1", nanos: 250_000_000 } },
  });
});

test("an error without field and time to wait has an ErrorInfo only", () => {
  const { details } = detailsOf(toStatus(new AdaedlError("aborted", "not the round expected")));
  expect(details).toEqual({ ErrorInfo: { reason: "ABORTED", domain: "adaedl", metadata: {} } });
});

test.each([0, 0.5, 1, 999.999, 1_000, 3_600_000])("%d ms to wait stay what they are", (ms) => {
  const error = new AdaedlError("resource_exhausted", "full", { retryAfterMs: ms });
  expect(fromServiceError(toStatus(error)).retryAfterMs).toBeCloseTo(ms, 6);
});

describe("details that cannot be used", () => {
  const unknownType = Status.serialize({
    code: 3,
    message: "seed is bad",
    details: [
      { type_url: `${typePrefix}Help`, value: Buffer.from([255, 255]) },
      { type_url: "", value: Buffer.alloc(0) },
    ],
  }) as Buffer;
  const brokenInfo = Status.serialize({
    code: 3,
    message: "seed is bad",
    details: [{ type_url: `${typePrefix}ErrorInfo`, value: Buffer.from([10, 255]) }],
  }) as Buffer;
  test.each([
    ["no bytes", Buffer.alloc(0)],
    ["no protobuf", Buffer.from([255, 255, 255, 255])],
    ["an envelope cut off", unknownType.subarray(0, unknownType.length - 3)],
    ["types that nobody knows", unknownType],
    ["an ErrorInfo cut off", brokenInfo],
  ])("leave the status as it is: %s", (_, bytes) => {
    const error = fromServiceError(withDetails(bytes));
    expect(error).toMatchObject({ code: "invalid_argument", message: "seed is bad" });
    expect(error).toMatchObject({ field: undefined, value: undefined, retryAfterMs: undefined });
  });

  test("say nothing about anything but field, value and time", () => {
    const metadata = { field: "seed", value: "-1", code: "internal", retryAfterMs: "soon" };
    const info = types.ErrorInfo.serialize({
      reason: "INVALID_ARGUMENT",
      domain: "other",
      metadata,
    });
    const details = [{ type_url: `${typePrefix}ErrorInfo`, value: info }];
    const error = fromServiceError(
      withDetails(Status.serialize({ code: 3, message: "", details }) as Buffer),
    );
    expect(error).toMatchObject({ code: "invalid_argument", field: "seed", value: "-1" });
    expect(error.retryAfterMs).toBeUndefined();
  });
});

test.each([
  [status.INTERNAL, "Received RST_STREAM with code 2"],
  [status.INTERNAL, "http2 stream closed"],
  [status.INTERNAL, "Session closed"],
  [status.CANCELLED, "Call cancelled"],
])("a transport that breaks off is unavailable, and not %i: %s", (code, details) => {
  const broken = { code, details, metadata: new Metadata() };
  expect(fromServiceError(broken)).toMatchObject({ code: "unavailable", message: details });
});

test("a call that was cancelled, here or by the other side, stays cancelled", () => {
  const here = { code: status.CANCELLED, details: "Cancelled on client", metadata: new Metadata() };
  expect(fromServiceError(here).code).toBe("cancelled");
  const there = new AdaedlError("cancelled", "Call cancelled");
  expect(fromServiceError(toStatus(there)).code).toBe("cancelled");
});

test("an internal error of the other side that speaks of sessions stays internal", () => {
  const thrown = new AdaedlError("internal", "the session was not opened");
  expect(fromServiceError(toStatus(thrown)).code).toBe("internal");
});

test.each([
  [new DOMException("stop", "AbortError"), status.CANCELLED, "the request was cancelled"],
  [new DOMException("late", "TimeoutError"), status.DEADLINE_EXCEEDED, "the deadline passed"],
  ["out of luck", status.INTERNAL, "out of luck"],
])("whatever is thrown becomes a status: %s", (thrown, code, details) => {
  expect(toStatus(thrown)).toMatchObject({ code, details });
});

const refused = "connect ECONNREFUSED 127.0.0.1:1";
const nested =
  "round_robin: No connection established. Last error: No connection established. Last error:";
test.each([
  [`${nested} Error: ${refused}. Resolution note: `, `No connection established: ${refused}`],
  [`${nested} Error: ${refused}. Resolution note: . `, `No connection established: ${refused}`],
  [`${nested} undefined. Resolution note: `, "No connection established"],
  ["No connection established. Last error: null. Resolution note: ", "No connection established"],
  ["Name resolution failed for target dns:x:1", "Name resolution failed for target dns:x:1"],
])("the library's %j is said once, as %j", (details, message) => {
  const error = { code: status.UNAVAILABLE, details, metadata: new Metadata() };
  expect(fromServiceError(error)).toMatchObject({ code: "unavailable", message });
});
