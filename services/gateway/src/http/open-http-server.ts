import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { AdaedlError } from "@adaedl/core";
import { maxRequestBytes, type PemContents, parseRequestId } from "@adaedl/protocol";
import type { Logger } from "@adaedl/telemetry";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { z } from "zod";
import { parseBody } from "../openai/parse-body.ts";
import { answerClientError } from "./client-errors.ts";
import { addCors, corsHeaders } from "./cors.ts";
import { errorAnswer } from "./error-body.ts";
import { checkHeaders } from "./request-headers.ts";
import { httpsOptions } from "./tls.ts";
import { addUnknownPathAnswers } from "./unknown-paths.ts";

/** Against clients that misbehave. */
const limits = {
  /** From the first byte of a request to its last. */
  requestMs: 30_000,
  /** Longer than load balancers keep theirs: they must not find it closed. */
  keepAliveMs: 75_000,
  maxConnections: 16_384,
};

/** Node would answer a request without Host by itself, without a body; `checkHeaders` answers it. */
const nodeOptions = { requireHostHeader: false };

export interface HttpServerOptions {
  readonly pem?: PemContents | undefined;
  /** See `corsHeaders`; default: none. */
  readonly corsOrigins?: readonly string[] | undefined;
  /** A client that takes nothing of its answer for so long is cut off. */
  readonly writeTimeoutMs: number;
}

/** An HTTP server without routes: every failure is an error body, every request has an id. */
export function createHttpServer(
  { pem, corsOrigins = [], writeTimeoutMs }: HttpServerOptions,
  logger: Logger,
): FastifyInstance {
  const https = httpsOptions(pem);
  const app = Fastify({
    http: nodeOptions,
    https: https && { ...https, ...nodeOptions },
    bodyLimit: maxRequestBytes,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    forceCloseConnections: true,
    return503OnClosing: false, // its body would not be an error of the API
    genReqId: requestId,
    clientErrorHandler: answerClientError,
    // Of a URL that cannot be read: no hook runs, no route is looked for.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      reply.headers(corsHeaders(corsOrigins, request.headers)).header("x-request-id", request.id);
      return sendError(error, reply);
    },
  } as object) as unknown as FastifyInstance;
  app.server.maxConnections = limits.maxConnections;
  // Once everything is written, Node looks whether the client takes any of it.
  app.server.prependListener("request", (_, response) => {
    response.once("prefinish", () => response.setTimeout(writeTimeoutMs));
  });
  refuseOtherEncodings(app);

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
  addCors(app, corsOrigins);
  checkHeaders(app);
  addUnknownPathAnswers(app);
  app.setErrorHandler((error, request, reply) => {
    const { status, body } = errorAnswer(error);
    if (status >= 500 && status !== 503)
      logger.error({ requestId: request.id, status, error: body.error.message }, "request failed");
    return sendError(error, reply);
  });
  return app;
}

function sendError(error: unknown, reply: FastifyReply): FastifyReply {
  const { status, headers, body } = errorAnswer(error);
  return reply.code(status).headers(headers).send(body);
}

/** The framework's own parser replaces bytes that are no UTF-8, and so would change a prompt silently. */
function refuseOtherEncodings(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser("error", "error");
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  app.removeContentTypeParser("application/json");
  app.addContentTypeParser<Buffer>(
    "application/json",
    { parseAs: "buffer" },
    (request, bytes, done) => {
      let text: string;
      try {
        text = utf8.decode(bytes);
      } catch (cause) {
        done(new AdaedlError("invalid_argument", "the body must be UTF-8", { cause }));
        return;
      }
      parseJson(request, text, done);
    },
  );
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
