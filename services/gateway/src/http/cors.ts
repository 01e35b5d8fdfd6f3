import type { IncomingHttpHeaders } from "node:http";
import type { FastifyInstance } from "fastify";

/** How long a browser may keep the answer to a preflight. */
const preflightSeconds = 600;

/**
 * The headers that let web pages of another origin read an answer. Cookies are not among what is allowed:
 * pages send a key.
 * @param origins that may; "*" among them: all; none: no headers
 */
export function corsHeaders(
  origins: readonly string[],
  { origin }: IncomingHttpHeaders,
): Record<string, string> {
  if (origins.length === 0) return {};
  const isAny = origins.includes("*");
  // Caches must not hand one origin's answer to another.
  const vary = isAny ? {} : { vary: "Origin" };
  if (origin === undefined || !(isAny || origins.includes(origin))) return vary;
  return {
    ...vary,
    "access-control-allow-origin": isAny ? "*" : origin,
    "access-control-expose-headers": "x-request-id, retry-after",
  };
}

/** Adds these headers to every answer, and answers preflights of origins that are allowed. */
export function addCors(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  app.addHook("onRequest", async ({ method, headers }, reply) => {
    const cors = corsHeaders(origins, headers);
    reply.headers(cors);
    const isPreflight = method === "OPTIONS" && "access-control-request-method" in headers;
    if (!isPreflight || cors["access-control-allow-origin"] === undefined) return;
    return reply
      .code(204)
      .headers({
        "access-control-allow-methods": "GET, HEAD, POST",
        "access-control-allow-headers": headers["access-control-request-headers"] ?? "*",
        "access-control-max-age": String(preflightSeconds),
      })
      .send();
  });
}
