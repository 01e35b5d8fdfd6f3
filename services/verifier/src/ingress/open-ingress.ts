import type { RoundQueue } from "@adaedl/batching";
import { AdaedlError } from "@adaedl/core";
import {
  type GrpcServer,
  openGrpcServer,
  type VerifierDescription,
  verificationService,
} from "@adaedl/protocol";
import { type Logger, noTracer } from "@adaedl/telemetry";
import type { TargetAnswer, TargetJob } from "../jobs/target-job.ts";
import type { Meter } from "../meter.ts";
import type { VerifierOptions } from "../options.ts";
import { createAdmission } from "./admission.ts";
import { checkTokenizerDigest } from "./check-open.ts";
import type { IngressParts } from "./ingress-parts.ts";
import { serveSession } from "./session.ts";

/** Accepts the streams of draft services. */
export interface Ingress {
  readonly server: GrpcServer;
  readonly numSessions: number;
  /**
   * Begins to serve sessions with the workers behind the queue.
   * @param readTokenizer the target's tokenizer files, compressed
   */
  serve(
    description: VerifierDescription,
    queue: RoundQueue<TargetJob, TargetAnswer>,
    readTokenizer: () => Promise<Uint8Array>,
  ): void;
  /** No new sessions; those that run go on. */
  drain(): void;
}

/**
 * Listens, without serving yet: health says NOT_SERVING.
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
  let parts: IngressParts | undefined;
  const needParts = () => {
    if (parts !== undefined) return parts;
    throw new AdaedlError("unavailable", "this verifier waits for a worker");
  };
  const service = verificationService(
    {
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
    },
    options.writeTimeoutMs,
  );
  const server = await openGrpcServer(options, [service]);
  return {
    server,
    get numSessions() {
      return admission.numSessions;
    },
    serve(description, queue, readTokenizer) {
      const { numTokenIds, contextLength, defaultSampling, limits } = description;
      const facts = { vocabSize: numTokenIds, contextLength, defaultSampling };
      parts = {
        ...{ id, description, facts, queue, readTokenizer },
        ...{ admission, limits, meter, tracer, logger },
      };
      server.setServing(true);
    },
    drain: () => admission.drain(),
  };
}
