import type { SessionHost } from "@adaedl/batching";
import { AdaedlError } from "@adaedl/core";
import {
  defaultGuardLimits,
  type GrpcServer,
  localVerification,
  openGrpcServer,
  type VerificationClient,
  type VerificationHandler,
  type VerifierDescription,
  verificationService,
} from "@adaedl/protocol";
import { type Logger, noTracer } from "@adaedl/telemetry";
import { limitsOf } from "../announcement.ts";
import type { Meter } from "../meter.ts";
import type { VerifierOptions } from "../options.ts";
import { checkTokenizerDigest } from "../sessions/check-open.ts";
import type { SessionStart } from "../sessions/session-start.ts";
import { createAdmission } from "./admission.ts";
import type { IngressParts } from "./ingress-parts.ts";
import { serveSession } from "./session.ts";

/** Accepts the streams of draft services. */
export interface Ingress {
  readonly server: GrpcServer;
  /** Where it does not listen. */
  readonly client?: VerificationClient | undefined;
  readonly numSessions: number;
  /** Sessions whose prefix is not computed yet. */
  readonly numOpening: number;
  /**
   * Begins to serve sessions at the target.
   * @param readTokenizer the target's tokenizer files, compressed
   */
  serve(
    description: VerifierDescription,
    host: SessionHost<SessionStart>,
    readTokenizer: () => Promise<Uint8Array>,
  ): void;
  /** No new sessions; those that run go on. */
  drain(): void;
}

/**
 * Listens, where it is to, without serving yet: health says NOT_SERVING.
 * @throws AdaedlError when the address cannot be listened on
 */
export async function openIngress(
  options: VerifierOptions,
  id: string,
  logger: Logger,
  meter: Meter,
): Promise<Ingress> {
  const { tracer = noTracer } = options;
  const admission = createAdmission(options);
  const opening = new Set<string>();
  let parts: IngressParts | undefined;
  const needParts = () => {
    if (parts !== undefined) return parts;
    throw new AdaedlError("unavailable", "this verifier waits for a worker");
  };
  const handler: VerificationHandler = {
    describe: () => needParts().description,
    getTokenizer(digest) {
      const { description, readTokenizer } = needParts();
      checkTokenizerDigest(digest, description);
      return readTokenizer();
    },
    async verify(receive, send, context) {
      try {
        await serveSession(needParts(), receive, send, context);
      } catch (error) {
        meter.onFailed(AdaedlError.from(error));
        throw error;
      }
    },
  };
  const { server, client } = await openServer(options, handler);
  return {
    server,
    client,
    get numSessions() {
      return admission.numSessions;
    },
    get numOpening() {
      return opening.size;
    },
    serve(description, host, readTokenizer) {
      const { limits } = description;
      const facts = limitsOf(description);
      parts = {
        ...{ id, description, facts, host, readTokenizer },
        ...{ opening, admission, limits, meter, tracer, logger },
      };
      server.setServing(true);
    },
    drain: () => admission.drain(),
  };
}

async function openServer(
  options: VerifierOptions,
  handler: VerificationHandler,
): Promise<Pick<Ingress, "server" | "client">> {
  const { listen, idleTimeoutMs, writeTimeoutMs } = options;
  if (listen === undefined) return localVerification(handler);
  // Before a session is there, too, nobody says nothing for longer than a session may.
  const firstMessageMs = Math.min(idleTimeoutMs, defaultGuardLimits.firstMessageMs);
  const service = verificationService(handler, writeTimeoutMs);
  return { server: await openGrpcServer({ ...options, listen, firstMessageMs }, [service]) };
}
