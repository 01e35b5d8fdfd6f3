import { AdaedlError } from "@adaedl/core";
import {
  type ChannelOptions,
  type DraftServiceDescription,
  type GenerationClient,
  openGenerationClient,
} from "@adaedl/protocol";
import type { Logger } from "@adaedl/telemetry";

/** One draft service, as this gateway sees it. */
export interface DraftService {
  readonly address: string;
  readonly client: GenerationClient;
  /** What ran there when it last answered; undefined while it has never done so. */
  readonly description: DraftServiceDescription | undefined;
  /** Whether it takes generations, as far as is known. */
  readonly isServing: boolean;
  /** Generations that this gateway has running there. */
  readonly numRunning: number;
  /** Counts one more until what is returned is called. */
  occupy(): () => void;
  /** Not asked again until it answers a probe. */
  failed(error: AdaedlError): void;
  close(): void;
}

export interface ProbeTimes {
  /** Between two probes. */
  readonly intervalMs: number;
  /** For an answer. */
  readonly timeoutMs: number;
}

/**
 * Probes in a row without an answer in time, until a service that served counts as gone. One that opens
 * many sessions at once answers late, and still streams: to turn everybody away then would be wrong.
 */
const maxMissed = 3;

/** Begins to watch a draft service: asks every so often whether it serves, and what. */
export function watchDraftService(
  channel: ChannelOptions,
  { intervalMs, timeoutMs }: ProbeTimes,
  logger: Logger,
): DraftService {
  const { address } = channel;
  const client = openGenerationClient(channel);
  const closing = new AbortController();
  let description: DraftServiceDescription | undefined;
  let isServing = false;
  let numMissed = 0;
  let trouble: string | undefined;
  let numRunning = 0;
  let timer: NodeJS.Timeout | undefined;

  function fail(message: string): void {
    isServing = false;
    if (message === trouble) return; // said once for each trouble
    trouble = message;
    logger.warn({ draftService: address, error: message }, "the draft service does not serve");
  }

  async function probe(): Promise<void> {
    try {
      const status = await client.checkHealth(timeoutMs, closing.signal);
      if (status !== "SERVING") return fail(`its health is ${status}`);
      description = await client.describe(timeoutMs, closing.signal);
      if (!isServing)
        logger.info({ draftService: address, ...description }, "the draft service serves");
      isServing = true;
      numMissed = 0;
      trouble = undefined;
    } catch (thrown) {
      if (closing.signal.aborted) return;
      const error = AdaedlError.from(thrown);
      numMissed++;
      if (error.code === "deadline_exceeded" && numMissed < maxMissed) return;
      fail(error.message);
    }
  }

  async function watch(): Promise<void> {
    await probe();
    if (!closing.signal.aborted) timer = setTimeout(watch, intervalMs);
  }
  void watch();

  return {
    address,
    client,
    get description() {
      return description;
    },
    get isServing() {
      return isServing;
    },
    get numRunning() {
      return numRunning;
    },
    occupy() {
      numRunning++;
      return () => {
        numRunning--;
      };
    },
    failed: (error) => fail(error.message),
    close() {
      clearTimeout(timer);
      closing.abort(new AdaedlError("cancelled", "the gateway was closed"));
      client.close();
    },
  };
}
