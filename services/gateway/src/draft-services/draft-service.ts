import { AdaedlError } from "@adaedl/core";
import {
  type DraftServiceDescription,
  type GenerationClient,
  isConnectionFailure,
} from "@adaedl/protocol";
import type { Logger } from "@adaedl/telemetry";
import { type Evidence, nextLiveness, unknown } from "./liveness.ts";

/** How a draft service is reached. */
export interface DraftServiceEndpoint {
  /** For logs and traces. */
  readonly address: string;
  /** A promise for a service of this process, which may be starting. */
  readonly client: GenerationClient | Promise<GenerationClient>;
}

/** One draft service, as this gateway sees it. */
export interface DraftService {
  readonly address: string;
  /** @throws AdaedlError `unavailable` before it has started */
  readonly client: GenerationClient;
  /** Resolves once it was asked for the first time, whether it answered or not. */
  readonly asked: Promise<void>;
  /** What ran there when it last answered; undefined while it has never done so. */
  readonly description: DraftServiceDescription | undefined;
  /** Whether it takes generations, as far as is known. */
  readonly isServing: boolean;
  /** Generations that this gateway has running there. */
  readonly numRunning: number;
  /** Counts one more until what is returned is called. */
  occupy(): () => void;
  /**
   * A generation failed there. Without a connection the service is not asked again until it answers a
   * probe; any other failure is the request's own, and a reason to probe at once.
   */
  failed(error: AdaedlError): void;
  close(): void;
}

export interface ProbeTimes {
  /** Between two probes. */
  readonly intervalMs: number;
  /** For an answer. */
  readonly timeoutMs: number;
}

/** Begins to watch a draft service: asks every so often whether it serves, and what. */
export function watchDraftService(
  endpoint: DraftServiceEndpoint,
  { intervalMs, timeoutMs }: ProbeTimes,
  logger: Logger,
): DraftService {
  const { address } = endpoint;
  const closing = new AbortController();
  let client: GenerationClient | undefined;
  let description: DraftServiceDescription | undefined;
  let liveness = unknown;
  let trouble: string | undefined;
  let numRunning = 0;
  let timer: NodeJS.Timeout | undefined;
  let isProbing = false;

  function learn(evidence: Evidence, why?: string): void {
    const known = liveness;
    liveness = nextLiveness(known, evidence);
    if (liveness === known) return;
    if (liveness.isServing) trouble = undefined;
    else if (why !== trouble) {
      trouble = why; // said once for each trouble
      logger.warn({ draftService: address, error: why }, "the draft service does not serve");
    }
  }

  async function probe(): Promise<void> {
    try {
      client ??= await endpoint.client;
      if (closing.signal.aborted) return client.close();
      const status = await client.checkHealth(timeoutMs, closing.signal);
      if (status !== "SERVING") return learn("refused", `its health is ${status}`);
      description = await client.describe(timeoutMs, closing.signal);
      if (!liveness.isServing)
        logger.info({ draftService: address, ...description }, "the draft service serves");
      learn("served");
    } catch (thrown) {
      if (closing.signal.aborted || client === undefined) return; // it failed to start
      const { code, message } = AdaedlError.from(thrown);
      learn(code === "deadline_exceeded" ? "missed" : "refused", message);
    }
  }

  async function watch(): Promise<void> {
    if (isProbing) return;
    isProbing = true;
    clearTimeout(timer);
    await probe();
    isProbing = false;
    if (!closing.signal.aborted) timer = setTimeout(watch, intervalMs);
  }
  const asked = watch();

  return {
    address,
    get client() {
      if (client !== undefined) return client;
      throw new AdaedlError("unavailable", `the draft service ${address} is starting`);
    },
    asked,
    get description() {
      return description;
    },
    get isServing() {
      return liveness.isServing;
    },
    get numRunning() {
      return numRunning;
    },
    occupy() {
      numRunning++;
      return () => void numRunning--;
    },
    failed(error) {
      learn(isConnectionFailure(error) ? "disconnected" : "request_failed", error.message);
      void watch();
    },
    close() {
      clearTimeout(timer);
      closing.abort(new AdaedlError("cancelled", "the gateway was closed"));
      client?.close();
    },
  };
}
