import { AdaedlError } from "@adaedl/core";
import { Server } from "@grpc/grpc-js";
import { keepalive, maxAnswerBytes, maxMessageBytes } from "../limits.ts";
import { openBearerTokens } from "../security/bearer-tokens.ts";
import { serverCredentials, type TlsFiles } from "../security/tls-files.ts";
import { createAcceptor } from "./accept.ts";
import { CallGuard, defaultGuardLimits, type GuardLimits } from "./call-guard.ts";
import { Callers } from "./callers.ts";
import { addHealth } from "./health.ts";
import { type Listener, listenOn } from "./listener.ts";
import { addReflection } from "./reflection.ts";
import type { ServedService } from "./served-service.ts";

export interface GrpcServerOptions extends Partial<GuardLimits> {
  /** HOST:PORT; port 0 takes a free one. */
  readonly listen: string;
  readonly tls?: TlsFiles | undefined;
  /**
   * A file of bearer tokens, see `openBearerTokens`; without one nobody is asked for a token. With one everybody is,
   * except who checks health.
   */
  readonly tokensFile?: string | undefined;
  /** Of one address: connections at a time, and calls a second, see `Callers`. */
  readonly maxAddressConnections?: number | undefined;
  readonly maxAddressCalls?: number | undefined;
}

/** A gRPC server with health and reflection. */
export interface GrpcServer extends AsyncDisposable {
  /** HOST:PORT it listens on. */
  readonly address: string;
  /** What health checks are told; NOT_SERVING to begin with. */
  setServing(isServing: boolean): void;
  /**
   * Lets running calls finish; after `timeoutMs` ends them. Health says NOT_SERVING, to new
   * connections too; refusing new calls is the services' own part.
   */
  drain(timeoutMs: number): Promise<void>;
  /** Ends everything at once. */
  close(): Promise<void>;
}

/** Calls at a time on one connection. */
const maxStreamsPerConnection = 1024;
/** How long ended calls have to tell their clients why. */
const farewellMs = 200;

/**
 * Listens.
 * @throws AdaedlError `invalid_argument` for bad files, `unavailable` when the address is taken or none
 */
export async function openGrpcServer(
  options: GrpcServerOptions,
  services: readonly ServedService[],
): Promise<GrpcServer> {
  const { listen, tls, tokensFile } = options;
  const credentials = serverCredentials(tls);
  const tokens = tokensFile === undefined ? undefined : openBearerTokens(tokensFile);
  const names = services.map((service) => service.name);
  const guard = new CallGuard({ ...defaultGuardLimits, ...options }, tokens, names);
  const server = new Server({
    interceptors: [guard.interceptor],
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxAnswerBytes,
    "grpc.max_concurrent_streams": maxStreamsPerConnection,
    "grpc.keepalive_time_ms": keepalive.timeMs,
    "grpc.keepalive_timeout_ms": keepalive.timeoutMs,
  });
  for (const service of services) service.addTo(server, guard);
  addReflection(server, names);
  const setServing = addHealth(server, names);

  const accept = createAcceptor(server, credentials, new Callers(options));
  const listener: Listener = await listenOn(listen, accept).catch((cause: Error) => {
    server.forceShutdown();
    const details = { field: "listen", value: listen, cause };
    throw new AdaedlError("unavailable", `cannot listen on ${listen}: ${cause.message}`, details);
  });
  const host = listen.slice(0, listen.lastIndexOf(":"));

  const end = async () => {
    setServing(false);
    listener.close();
    const error = new AdaedlError("unavailable", "the server is shutting down");
    for (const service of services) service.endAll(error);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, farewellMs);
      server.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    server.forceShutdown();
  };
  let ended: Promise<void> | undefined;
  const close = () => {
    ended ??= end();
    return ended;
  };
  return {
    address: `${host}:${listener.port}`,
    setServing,
    async drain(timeoutMs) {
      setServing(false);
      let timer: NodeJS.Timeout | undefined;
      const timedOut = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, timeoutMs);
      });
      const drained = Promise.all(services.map((service) => service.whenIdle()));
      await Promise.race([drained, timedOut]);
      clearTimeout(timer);
      await close();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
