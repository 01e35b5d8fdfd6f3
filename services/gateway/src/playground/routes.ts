import helmet from "@fastify/helmet";
import type { FastifyInstance } from "fastify";
import { readPage } from "./files.ts";

/** The page loads nothing from elsewhere, and nobody may frame it. */
const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", "data:"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
};

/** Adds the page at `/`, and its files. They hold no secrets: what they ask `/v1` for needs a key. */
export async function addPlaygroundRoutes(app: FastifyInstance): Promise<void> {
  const files = readPage();
  await app.register(async (page) => {
    // Transport security is the business of whoever terminates TLS.
    await page.register(helmet, { contentSecurityPolicy, strictTransportSecurity: false });
    for (const { path, type, content, etag } of files)
      page.get(path, { schema: { hide: true } as object }, async (request, reply) => {
        reply.headers({ etag, "cache-control": "no-cache" });
        if (request.headers["if-none-match"] === etag) return reply.code(304).send();
        return reply.type(type).send(content);
      });
  });
}
