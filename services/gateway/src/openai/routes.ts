import type { ServerResponse } from "node:http";
import { AdaedlError } from "@adaedl/core";
import { parseTraceparent } from "@adaedl/protocol";
import type { Tracer } from "@adaedl/telemetry";
import fastifySwagger from "@fastify/swagger";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { jsonSchemaTransform } from "fastify-type-provider-zod";
import type { AnswerShare } from "../callers/answer-memory.ts";
import type { ApiKeys, Caller } from "../callers/api-keys.ts";
import type { Capacity } from "../callers/capacity.ts";
import { type DraftServicePool, modelOf } from "../draft-services/pool.ts";
import { metered } from "../generation/metered.ts";
import type { ModelMetrics } from "../generation/model-metrics.ts";
import { startRequestSpan } from "../generation/request-span.ts";
import { runJob } from "../generation/run-job.ts";
import { authenticate } from "../http/authenticate.ts";
import { connectionSignal, whenAnswered } from "../http/connection-signal.ts";
import { sendEvents } from "../http/event-stream.ts";
import { sendJson } from "../http/send-json.ts";
import { createEnvelope } from "./answer.ts";
import { type Endpoint, endpoints } from "./endpoints.ts";
import { modelList, modelNamed } from "./models.ts";
import { streamAnswer } from "./stream-answer.ts";
import { wholeAnswer } from "./whole-answer.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who sends it, once that is known. */
    caller?: Caller;
    /** Whom the caller asks for, as it says. */
    user?: string | undefined;
  }
}

/** What the routes work with. */
export interface RouteParts {
  readonly keys: ApiKeys;
  readonly pool: DraftServicePool;
  readonly capacity: Capacity;
  readonly openAnswer: () => AnswerShare;
  readonly metricsOf: (modelName: string) => ModelMetrics;
  readonly tracer: Tracer;
  readonly requestTimeoutMs: number;
  readonly writeTimeoutMs: number;
  /** Aborted when everything is to end. */
  readonly ended: AbortSignal;
}

/** Adds `/v1/…`, and `/openapi.json`, which describes it. */
export async function addOpenAiRoutes(app: FastifyInstance, parts: RouteParts): Promise<void> {
  const created = Math.floor(Date.now() / 1000);
  await app.register(fastifySwagger, {
    openapi: { info: { title: "AdaEDL gateway", version: "1" }, openapi: "3.1.0" },
    transform: jsonSchemaTransform,
  });
  app.get("/openapi.json", { schema: { hide: true } as object }, async () => ({
    ...app.swagger(),
    // Relative to the description itself: a proxy may serve the gateway under a path of its host.
    servers: [{ url: "./" }],
  }));
  await app.register(async (v1) => {
    v1.addHook("onRequest", async (request) => {
      request.caller = authenticate(request, parts.keys);
      if (request.method === "POST") await countRequest(parts, request.caller);
    });
    v1.get("/v1/models", { schema: { summary: "The models there are" } }, async () =>
      modelList(parts.pool, created),
    );
    v1.get<{ Params: { "*": string } }>("/v1/models/*", async ({ params }) =>
      modelNamed(parts.pool, params["*"], created),
    );
    for (const endpoint of endpoints)
      v1.post(
        endpoint.path,
        { schema: { summary: endpoint.summary, body: endpoint.schema } },
        (request, reply) => answer(parts, endpoint, request, reply),
      );
  });
}

/** Its model is not read yet: where there are several, the refusal is of none. */
async function countRequest({ pool, metricsOf }: RouteParts, caller: Caller): Promise<void> {
  try {
    await caller.quota.countRequest();
  } catch (error) {
    const [model, ...others] = pool.models;
    const metrics = metricsOf(model === undefined || others.length > 0 ? "" : model.id);
    metrics.countAs("rejected_requests_total", "quota");
    throw error;
  }
}

async function answer(
  parts: RouteParts,
  endpoint: Endpoint,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const arrivedAt = performance.now();
  const { pool, capacity, metricsOf, tracer, requestTimeoutMs, writeTimeoutMs, ended } = parts;
  const { dialect } = endpoint;
  const job = endpoint.job(request.body);
  request.user = job.user;
  const model = modelOf(pool, job.model);
  const metrics = metricsOf(model.id);
  const place = await enter(capacity, request.caller, job.choices.length, metrics, reply.raw);
  const signal = connectionSignal(reply.raw, ended);
  const span = startRequestSpan(tracer, {
    operation: dialect.operation,
    model: model.id,
    path: endpoint.path,
    numChoices: job.choices.length,
    traceparent: parseTraceparent(request.headers.traceparent),
  });
  const { traceparent } = span;
  const terms = { pool, modelId: model.id, timeoutMs: requestTimeoutMs, tracer, traceparent };
  const running = runJob(terms, job, request.id, capacity, signal);
  const events = metered(running, { metrics, arrivedAt, span, ...place });
  const envelope = createEnvelope(dialect, job.isStream, model.id);
  try {
    if (!job.isStream) {
      const memory = parts.openAnswer();
      whenAnswered(reply.raw, memory.release);
      return sendJson(reply, await wholeAnswer(job, dialect, envelope, events, memory));
    }
    const stream = streamAnswer(job, dialect, envelope, events);
    const first = await stream.next();
    return await sendEvents(reply, first, stream, writeTimeoutMs);
  } catch (thrown) {
    if (AdaedlError.from(thrown).code === "unavailable")
      metrics.countAs("rejected_requests_total", "capacity");
    throw thrown;
  }
}

/** A place for the request, here and among its caller's. */
async function enter(
  capacity: Capacity,
  caller: Caller | undefined,
  numChoices: number,
  metrics: ModelMetrics,
  response: ServerResponse,
) {
  try {
    const leaveCapacity = capacity.enter();
    try {
      const use = await caller?.quota.enter(numChoices);
      return {
        charge: (numTokens: number) => use?.charge(numTokens),
        leave() {
          use?.leave();
          whenAnswered(response, leaveCapacity); // a drain waits for the last byte
        },
      };
    } catch (error) {
      leaveCapacity();
      throw error;
    }
  } catch (error) {
    const { code } = AdaedlError.from(error);
    const count = (reason: "quota" | "draining" | "capacity") =>
      metrics.countAs("rejected_requests_total", reason);
    if (code === "resource_exhausted") count("quota");
    else if (code === "unavailable") count(capacity.isDraining ? "draining" : "capacity");
    throw error;
  }
}
