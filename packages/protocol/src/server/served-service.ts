import { AdaedlError } from "@adaedl/core";
import type { Server } from "@grpc/grpc-js";
import { toStatus } from "../errors/rich-status.ts";
import type { BearerTokens } from "../security/bearer-tokens.ts";
import { type Caller, identityOf } from "../security/identity.ts";

/** What a call's handler knows about the call. */
export interface CallContext {
  /** Who calls; quotas are counted per client. */
  readonly client: string;
  /** Aborted when the client cancels, goes away or its deadline passes, and when the server ends. */
  readonly signal: AbortSignal;
}

export interface ServerParts {
  readonly tokens: BearerTokens | undefined;
  readonly shutdown: AbortSignal;
}

/** A service that a server can carry. */
export interface ServedService {
  readonly name: string;
  addTo(server: Server, parts: ServerParts): void;
  /** Resolves when no call is running. */
  whenIdle(): Promise<void>;
}

/** What all kinds of calls have. */
interface AnyCall extends Caller {
  on(event: "cancelled", listener: () => void): unknown;
}

/** Counts calls, and gives each its context and its end. */
export interface CallRunner {
  /**
   * Runs a handler for a call.
   * @returns what the call failed with; undefined when it went well
   */
  run(
    call: AnyCall,
    parts: ServerParts,
    handler: (context: CallContext) => Promise<void>,
  ): Promise<ReturnType<typeof toStatus> | undefined>;
  whenIdle(): Promise<void>;
}

export function createCallRunner(): CallRunner {
  let numRunning = 0;
  let waiting: (() => void)[] = [];
  return {
    async run(call, parts, handler) {
      const ended = new AbortController();
      call.on("cancelled", () => {
        ended.abort(new AdaedlError("cancelled", "the client ended the call"));
      });
      numRunning++;
      try {
        const client = identityOf(call, parts.tokens);
        const onShutdown = () => ended.abort(parts.shutdown.reason);
        if (parts.shutdown.aborted) onShutdown();
        parts.shutdown.addEventListener("abort", onShutdown);
        try {
          await handler({ client, signal: ended.signal });
        } finally {
          parts.shutdown.removeEventListener("abort", onShutdown);
        }
        return undefined;
      } catch (error) {
        return toStatus(error);
      } finally {
        // Whatever the handler left running ends with its call.
        ended.abort(new AdaedlError("cancelled", "the call has ended"));
        numRunning--;
        if (numRunning === 0) {
          for (const resolve of waiting) resolve();
          waiting = [];
        }
      }
    },
    whenIdle() {
      if (numRunning === 0) return Promise.resolve();
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}
