import { readFileSync } from "node:fs";
import type { MetricsSource } from "@adaedl/telemetry";
import type { FastifyInstance } from "fastify";

const packageFile = new URL("../../package.json", import.meta.url);
const { version } = JSON.parse(readFileSync(packageFile, "utf8")) as { version: string };

/**
 * Adds `/health`, `/livez`, `/readyz`, `/version` and `/metrics`, none of which asks for a key.
 * @param isReady whether the gateway can serve: not draining, and a draft service serves
 */
export async function addOperationRoutes(
  app: FastifyInstance,
  metrics: MetricsSource,
  isReady: () => boolean,
): Promise<void> {
  const hidden = { schema: { hide: true } as object };
  // `/readyz` is where Kubernetes looks, `/health` where users of vLLM and llama-server do.
  for (const path of ["/health", "/readyz"])
    app.get(path, hidden, async (_, reply) =>
      isReady()
        ? { status: "ok" }
        : reply.code(503).send({ status: "no draft service serves, or this gateway shuts down" }),
    );
  // A restart mends neither a lost draft service nor a drain: only an event loop that hangs fails this.
  app.get("/livez", hidden, async () => ({ status: "ok" }));
  app.get("/version", hidden, async () => ({ version }));
  app.get("/metrics", hidden, async (_, reply) => {
    reply.header("content-type", metrics.contentType);
    return metrics.render();
  });
}
