import type { FastifyReply } from "fastify";
import type { WrittenJson } from "../openai/written-json.ts";

/** Answers with JSON that is written already, piece by piece; the server cuts off a client that does not read it. */
export function sendJson(reply: FastifyReply, written: WrittenJson): void {
  const { raw } = reply;
  reply.hijack();
  if (raw.destroyed) return; // the client is gone
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    "content-type": "application/json; charset=utf-8",
    "content-length": written.numBytes,
  });
  raw.cork();
  for (const piece of written.pieces) raw.write(piece);
  raw.end();
}
