import { AdaedlError } from "@adaedl/core";
import type { FastifyInstance } from "fastify";

/**
 * Refuses requests without a Host, and with an expectation that is not met. Node would answer both by
 * itself, without a body.
 */
export function checkHeaders(app: FastifyInstance): void {
  app.server.on("checkExpectation", (request, response) => app.routing(request, response));
  app.addHook("onRequest", async ({ headers: { host, expect }, raw: { httpVersion } }) => {
    if (host === undefined && httpVersion === "1.1")
      throw new AdaedlError("invalid_argument", "the request must have a Host header");
    if (expect !== undefined && expect.toLowerCase() !== "100-continue")
      throw Object.assign(new Error(`Expect must be 100-continue, got ${JSON.stringify(expect)}`), {
        statusCode: 417,
      });
  });
}
