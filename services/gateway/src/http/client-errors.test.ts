import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answerClientError } from "./client-errors.ts";

let server: Server;
beforeAll(async () => {
  server = createServer({ requestTimeout: 100, connectionsCheckingInterval: 20 }, (_, response) => {
    response.write("begun");
  });
  server.on("clientError", answerClientError);
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterAll(() => {
  server?.closeAllConnections();
  server?.close();
});

/** Everything the server sends until it closes the connection. */
async function answerTo(bytes: string, next?: string): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  let answer = "";
  socket.setEncoding("utf8").on("data", (text: string) => {
    if (answer === "" && next !== undefined) socket.write(next);
    answer += text;
  });
  socket.on("error", () => {});
  socket.write(bytes);
  await once(socket, "close");
  return answer;
}

test.each<[what: string, bytes: string, status: string, message: string]>([
  ["no HTTP", "hello\r\n\r\n", "400 Bad Request", "the request is not valid HTTP"],
  [
    "HTTP/2",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "400 Bad Request",
    "the request is not valid HTTP",
  ],
  [
    "a wrong length",
    "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: x\r\n\r\n",
    "400 Bad Request",
    "the request is not valid HTTP",
  ],
  [
    "long headers",
    `GET / HTTP/1.1\r\nhost: a\r\nx: ${"x".repeat(20_000)}\r\n\r\n`,
    "431 Request Header Fields Too Large",
    "the headers of the request are too large",
  ],
  [
    "headers that never end",
    "GET / HTTP/1.1\r\nhost: a\r\n",
    "408 Request Timeout",
    "the request did not arrive in time",
  ],
])("%s is answered with an error of the API, and the connection closed", async (...row) => {
  const [, bytes, status, message] = row;
  const [head = "", body = ""] = (await answerTo(bytes)).split("\r\n\r\n");
  expect(head.startsWith(`HTTP/1.1 ${status}\r\n`), head).toBe(true);
  expect(JSON.parse(body)).toEqual({
    error: { message, type: "invalid_request_error", param: null, code: "invalid_argument" },
  });
  expect(head).toContain(`content-length: ${Buffer.byteLength(body)}`);
});

test("nothing is written into an answer that has begun", async () => {
  const answer = await answerTo("GET / HTTP/1.1\r\nhost: a\r\n\r\n", "hello\r\n\r\n");
  expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*begun/);
  expect(answer).not.toContain("not valid HTTP");
});
