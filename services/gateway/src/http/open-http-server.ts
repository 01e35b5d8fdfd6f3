import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type PemContents, parseRequestId } from "@adaedl/protocol";
import type { Logger } from "@adaedl/telemetry";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type * as z from "zod";
import { parseBody } from "../openai/parse-body.ts";
import { answerClientError } from "./client-errors.ts";
import { addCors, corsHeaders } from "./cors.ts";
import { errorAnswer } from "./error-body.ts";
import { checkHostNames } from "./host-names.ts";
import { addJsonParser } from "./json-body.ts";
import { checkHeaders } from "./request-headers.ts";
import { httpsOptions } from "./tls.ts";
import { addUnknownPathAnswers } from "./unknown-paths.ts";
import { WaitingConnections } from "./waiting-connections.ts";

/** Against clients that misbehave. */
const limits = {
  /** From the first byte of a request to its last, and to the end of its headers. */
  requestMs: 30_000,
  headersMs: 10_000,
  /** Longer than load balancers keep theirs: they must not find it closed. */
  keepAliveMs: 75_000,
  /** Of clients without a whole request; with the headers of each they take about 64 MiB. */
  waiting: { maxConnections: 2_048, maxBytes: 32 << 20 },
  /** An answer that is ready is sent within so many write timeouts, however its client reads. */
  writeTimeouts: 10,
};

const nodeOptions = {
  // Node would answer a request without Host by itself, without a body; `checkHeaders` answers it.
  requireHostHeader: false,
  headersTimeout: limits.headersMs,
  connectionsCheckingInterval: 1_000, // how late those times are noticed
};

export interface HttpServerOptions {
  readonly pem?: PemContents | undefined;
  /** See `corsHeaders`; default: none. */
  readonly corsOrigins?: readonly string[] | undefined;
  /** See `checkHostNames`; "*" among them: any. */
  readonly allowedHosts: readonly string[];
  readonly maxBodyBytes: number;
  /** A client that takes nothing of its answer for so long is cut off. */
  readonly writeTimeoutMs: number;
}

/** Without these Fastify loads a JSON schema compiler for each direction at start, a third of its code. */
const compilersFactory = {
  buildValidator:
    () =>
    ({ schema }: { readonly schema: z.ZodType }) =>
    (body: unknown) => {
      try {
        return { value: parseBody(schema, body) };
      } catch (error) {
        return { error: error as Error };
      }
    },
  buildSerializer: () => () => JSON.stringify, // no route describes its answers
};

/** An HTTP server without routes: every failure is an error body, every request has an id. */
export function createHttpServer(options: HttpServerOptions, logger: Logger): FastifyInstance {
  const { pem, corsOrigins = [] } = options;
  const https = httpsOptions(pem);
  const app = Fastify({
    http: nodeOptions,
    https: https && { ...https, ...nodeOptions },
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    forceCloseConnections: true,
    return503OnClosing: false, // its body would not be an error of the API
    genReqId: requestId,
    schemaController: { compilersFactory },
    clientErrorHandler: answerClientError,
    // Of a URL that cannot be read: no hook runs, no route is looked for.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      reply.headers(corsHeaders(corsOrigins, request.headers)).header("x-request-id", request.id);
      return sendError(error, reply);
    },
  } as object) as unknown as FastifyInstance;
  const waiting = new WaitingConnections(limits.waiting);
  waiting.watch(app.server, pem === undefined ? "connection" : "secureConnection");
  cutOffSlowReaders(app, options.writeTimeoutMs);
  addJsonParser(app, waiting, options.maxBodyBytes);

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
  checkHostNames(app, options.allowedHosts);
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
  // The rest of a body that is refused is read and dropped: closing at once would reset the connection, and
  // the client would not get the answer.
  reply.removeHeader("connection");
  return reply.code(status).headers(headers).send(body);
}

/** Of what is written at once: what is written bit by bit, as a stream, is looked after where it is written. */
function cutOffSlowReaders(app: FastifyInstance, writeTimeoutMs: number): void {
  app.server.prependListener("request", (_, response) => {
    response.once("prefinish", () => {
      response.setTimeout(writeTimeoutMs);
      const timer = setTimeout(() => response.destroy(), limits.writeTimeouts * writeTimeoutMs);
      response.once("close", () => clearTimeout(timer));
    });
  });
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
