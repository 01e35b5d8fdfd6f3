import { expect, test } from "vitest";
import { refusal } from "./api-error.ts";

test.each([
  ["its own words", '{"error":{"message":"No such model."}}', 404, {}, "No such model."],
  [
    "with the wait",
    '{"error":{"message":"Busy."}}',
    503,
    { "retry-after": "2" },
    "Busy. Try again in 2 s.",
  ],
  ["a proxy's page", "<html>", 502, {}, "The gateway answered 502"],
  ["JSON of another kind", "null", 500, {}, "The gateway answered 500"],
])("a refusal is told in one line: %s", async (_, body, status, headers, message) => {
  const isTemporary = status >= 500;
  const error = await refusal(new Response(body, { status, headers }));
  expect(error).toMatchObject({ status, message, isTemporary });
});
