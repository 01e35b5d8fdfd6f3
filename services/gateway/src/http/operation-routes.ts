import type { MetricsSource } from "@adaedl/telemetry";
import type { FastifyInstance } from "fastify";

/** `/health` and `/metrics`, which ask nobody for a key, as vLLM's. */
export async function addOperationRoutes(
  app: FastifyInstance,
  metrics: MetricsSource,
  isReady: () => boolean,
): Promise<void> {
  const hidden = { schema: { hide: true } as object };
  app.get("/health", hidden, async (_, reply) =>
    isReady()
      ? { status: "ok" }
      : reply.code(503).send({ status: "no draft service serves, or this gateway shuts down" }),
  );
  app.get("/metrics", hidden, async (_, reply) => {
    reply.header("content-type", metrics.contentType);
    return metrics.render();
  });
}
