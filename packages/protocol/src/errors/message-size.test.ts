import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { messageSizeError } from "./message-size.ts";

const errorOf = (details: string, code = status.RESOURCE_EXHAUSTED) =>
  Object.assign(new Error(details), { code, details, metadata: new Metadata() }) as ServiceError;

// The library has a wording for each way in which a message is too large.
test.each([
  "Attempted to send message with a size larger than 4259840",
  "Received message larger than max (5000000 vs 4259840)",
  "Sent message larger than max (5000000 vs. 4259840)",
  "Received message that decompresses to a size larger than 4259840",
])("%s: the request cannot be sent, now or later", (details) => {
  expect(messageSizeError(errorOf(details), "prompt")).toMatchObject({
    code: "out_of_range",
    message: "prompt must fit into a message of 4259840 bytes",
    field: "prompt",
  });
});

test("an overload is one", () => {
  expect(messageSizeError(errorOf("64 generations are running"), "prompt")).toBeUndefined();
  const details = "the number must not be larger than 5";
  expect(messageSizeError(errorOf(details, status.INVALID_ARGUMENT), "prompt")).toBeUndefined();
});
