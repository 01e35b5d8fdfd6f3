import type { DraftServiceOptions, RunningDraftService } from "@adaedl/draft-service";
import { type GatewayOptions, type RunningGateway, startGateway } from "@adaedl/gateway";
import { createLogger, type Logger } from "@adaedl/telemetry";
import { waitUntil } from "@adaedl/testing";
import type { RunningVerifier, VerifierOptions } from "@adaedl/verifier";
import OpenAI, { type ClientOptions } from "openai";
import { startTestDraftService, startTestVerifier } from "../network/start-services.ts";

/** A verifier, draft services in front of it, a gateway in front of them, and a client of it. */
export interface GatewayStack extends AsyncDisposable {
  readonly verifier: RunningVerifier;
  readonly drafts: readonly RunningDraftService[];
  /** The first of them. */
  readonly draft: RunningDraftService;
  readonly gateway: RunningGateway;
  readonly client: OpenAI;
}

export interface StackOptions {
  /** One for each draft service; default: one. */
  readonly drafts?: readonly Partial<DraftServiceOptions>[];
  readonly verifier?: Partial<VerifierOptions>;
  readonly gateway?: Partial<GatewayOptions>;
  readonly logger?: Logger;
}

/** Everything in this process, over sockets, on free ports; ready when it resolves. */
export async function startGatewayStack(options: StackOptions = {}): Promise<GatewayStack> {
  const started: AsyncDisposable[] = [];
  const close = async () => {
    for (const each of started.splice(0).reverse()) await each[Symbol.asyncDispose]();
  };
  try {
    const verifier = await startTestVerifier(options.verifier);
    started.push(verifier);
    const drafts: RunningDraftService[] = [];
    for (const draftOptions of options.drafts ?? [{}]) {
      const draft = await startTestDraftService([verifier.address], draftOptions);
      drafts.push(draft);
      started.push(draft);
    }
    const [draft] = drafts;
    if (draft === undefined) throw new Error("a stack has at least one draft service");
    const addresses = drafts.map(({ address }) => address);
    const gateway = await startTestGateway(addresses, options.gateway, options.logger);
    started.push(gateway);
    const client = clientOf(gateway);
    return { verifier, drafts, draft, gateway, client, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A gateway alone, in front of draft services that are there; resolves when one of them serves. */
export async function startTestGateway(
  draftServices: readonly string[],
  options: Partial<GatewayOptions> = {},
  logger?: Logger,
): Promise<RunningGateway> {
  const gateway = await openTestGateway(draftServices, options, logger);
  await waitUntil("a draft service serves", async () => (await healthOf(gateway)) === 200);
  return gateway;
}

/** The same, but nobody is waited for. */
export function openTestGateway(
  draftServices: readonly string[],
  options: Partial<GatewayOptions> = {},
  logger = createLogger("test", "silent"),
): Promise<RunningGateway> {
  return startGateway(
    {
      listen: "127.0.0.1:0",
      draftServices,
      maxRequests: 256,
      requestTimeoutMs: 60_000,
      writeTimeoutMs: 10_000,
      maxBodyBytes: 1 << 20,
      playground: false,
      probe: { intervalMs: 50, timeoutMs: 2_000 },
      ...options,
    },
    logger,
  );
}

/** The status of `/health` or another probe. */
export async function healthOf(
  { address }: RunningGateway,
  path: "/health" | "/livez" | "/readyz" = "/health",
): Promise<number> {
  return (await fetch(`http://${address}${path}`)).status;
}

/** The official client. It tries nothing twice: the first answer is what is looked at. */
export function clientOf({ address }: RunningGateway, options: ClientOptions = {}): OpenAI {
  return new OpenAI({
    baseURL: `http://${address}/v1`,
    apiKey: "any",
    maxRetries: 0,
    ...options,
  });
}
