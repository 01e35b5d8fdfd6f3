import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { errorBody } from "./error-body.ts";

/** What Node's HTTP parser and its timeouts report, by their codes; everything else is a bad request. */
const answers: Readonly<Record<string, readonly [status: number, message: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, "the request did not arrive in time"],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, "the chunk extensions of the body are too long"],
  HPE_HEADER_OVERFLOW: [431, "the headers of the request are too large"],
};

/** Answers bytes that are no HTTP request, which never become a request of the framework, and closes. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  // As Node's own handler: an answer in the middle of another one would be taken for a part of it.
  const { _httpMessage: current } = socket as Socket & { _httpMessage?: ServerResponse | null };
  if (error.code === "ECONNRESET" || !socket.writable || current?.headersSent) {
    socket.destroy();
    return;
  }
  const [status, message] = answers[error.code ?? ""] ?? [400, "the request is not valid HTTP"];
  const body = JSON.stringify(errorBody("invalid_argument", message));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "content-type: application/json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}
