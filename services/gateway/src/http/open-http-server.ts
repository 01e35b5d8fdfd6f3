import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type PemContents, parseRequestId } from "@adaedl/protocol";
import type { Logger } from "@adaedl/telemetry";
import Fastify, { type FastifyInstance } from "fastify";
import type { z } from "zod";
import { parseBody } from "../openai/parse-body.ts";
import { errorAnswer } from "./error-body.ts";
import { httpsOptions } from "./tls.ts";

/** For whoever does not behave; a prompt of some 300 000 token ids fits. */
const limits = {
  bodyBytes: 4 << 20,
  /** From the first byte of a request to its last. */
  requestMs: 30_000,
  /** Longer than load balancers keep theirs: they must not find it closed. */
  keepAliveMs: 75_000,
  maxConnections: 16_384,
};

/** An HTTP server without routes: every failure is an error body, every request has an id. */
export function createHttpServer(pem: PemContents | undefined, logger: Logger): FastifyInstance {
  const app = Fastify({
    https: httpsOptions(pem),
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    forceCloseConnections: true,
    genReqId: requestId,
  } as object) as unknown as FastifyInstance;
  app.server.maxConnections = limits.maxConnections;

  app.setValidatorCompiler<z.ZodType>(({ schema }) => (body) => {
    try {
      return { value: parseBody(schema, body) };
    } catch (error) {
      return { error: error as Error };
    }
  });
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
  });
  app.addHook("onResponse", async ({ id, method, url, caller, user }, reply) => {
    const path = url.split("?")[0];
    const ms = Math.round(reply.elapsedTime);
    const fields = { requestId: id, method, path, status: reply.statusCode, ms };
    const isWork = method === "POST" && path?.startsWith("/v1/");
    logger[isWork ? "info" : "debug"]({ ...fields, caller: caller?.name, user }, "request");
  });
  app.setErrorHandler((error, request, reply) => {
    const { status, headers, body } = errorAnswer(error);
    if (status >= 500 && status !== 503)
      logger.error({ requestId: request.id, status, error: body.error.message }, "request failed");
    return reply.code(status).headers(headers).send(body);
  });
  app.setNotFoundHandler(({ method, url }, reply) => {
    const message = `there is no ${method} ${url.split("?")[0]?.slice(0, 200)}`;
    const error = { message, type: "invalid_request_error", param: null, code: "not_found" };
    return reply.code(404).send({ error });
  });
  return app;
}

/** A client's own id counts, where it is one that the logs of all services can have. */
function requestId({ headers }: IncomingMessage): string {
  return parseRequestId(headers["x-request-id"]) ?? randomUUID();
}

/** @throws Error when the address is taken or none */
export async function listen(app: FastifyInstance, address: string): Promise<string> {
  const [, host = "", port] = /^(.+):(\d+)$/.exec(address) ?? [];
  const bare = host.replace(/^\[|\]$/g, "");
  await app.listen({ host: bare, port: Number(port) });
  const bound = app.server.address();
  return `${host}:${typeof bound === "object" ? bound?.port : port}`;
}
