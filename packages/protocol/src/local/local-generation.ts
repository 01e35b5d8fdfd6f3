import { AdaedlError } from "@adaedl/core";
import type { GenerationClient } from "../client/generation-client.ts";
import { Generation } from "../definitions.ts";
import { decodeGenerateRequest, encodeGenerateRequest } from "../generation/request-codec.ts";
import type { GenerationHandler } from "../server/generation-service.ts";
import { LocalServer } from "./local-server.ts";

const { requestSerialize, requestDeserialize } = Generation.service.Generate;

/** A draft service for a gateway of the same process. What is asked is checked as if it had come over a network. */
export function localGeneration(handler: GenerationHandler): {
  readonly server: LocalServer;
  readonly client: GenerationClient;
} {
  const server = new LocalServer();
  const client: GenerationClient = {
    async describe(_, signal) {
      using _call = server.begin({ signal });
      return handler.describe();
    },
    async checkHealth(_, signal) {
      using _call = server.begin({ signal });
      return server.health;
    },
    async *generate(request, signal, { timeoutMs = Number.POSITIVE_INFINITY, ...facts } = {}) {
      const late = new AbortController();
      const timer = Number.isFinite(timeoutMs)
        ? setTimeout(() => late.abort(lateError(timeoutMs)), timeoutMs)
        : undefined;
      try {
        using call = server.begin({
          ...facts,
          signal: signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]),
          deadline: Date.now() + timeoutMs,
        });
        const wire = requestSerialize(encodeGenerateRequest(request));
        yield* handler.generate(decodeGenerateRequest(requestDeserialize(wire)), call.context);
      } catch (error) {
        throw AdaedlError.from(error);
      } finally {
        clearTimeout(timer);
      }
    },
    close() {},
  };
  return { server, client };
}

function lateError(timeoutMs: number): AdaedlError {
  return new AdaedlError("deadline_exceeded", `the generation took more than ${timeoutMs} ms`);
}
