import { AdaedlError } from "@adaedl/core";
import type { Server } from "@grpc/grpc-js";
import { type CallFacts, factsOf } from "../call-facts.ts";
import { toStatus } from "../errors/rich-status.ts";
import type { Caller } from "../security/identity.ts";
import type { CallGuard } from "./call-guard.ts";

/** What a call's handler knows about the call. */
export interface CallContext extends CallFacts {
  /** Who calls; quotas are counted per client. */
  readonly client: string;
  /** Milliseconds that the client still waits for the whole call, 0 and up; undefined: without end. */
  readonly deadlineMs: number | undefined;
  /** Aborted when the client cancels, goes away or its deadline passes, and when the server ends. */
  readonly signal: AbortSignal;
}

/** A service that a server can carry. */
export interface ServedService extends CallEnds {
  readonly name: string;
  addTo(server: Server, guard: CallGuard): void;
}

/** How a service's calls come to their ends. */
export interface CallEnds {
  /** Resolves when no call is running. */
  whenIdle(): Promise<void>;
  /** Ends running calls with this error, and refuses new ones with it. */
  endAll(error: AdaedlError): void;
}

/** What all kinds of calls have. */
interface AnyCall extends Pick<Caller, "metadata"> {
  on(event: "cancelled", listener: () => void): unknown;
  /** Infinite when the client set none. */
  getDeadline(): Date | number;
}

/** Gives each call its context and its end. */
export interface CallRunner extends CallEnds {
  /**
   * Runs a handler for a call.
   * @returns what the call failed with; undefined when it went well
   */
  run(
    call: AnyCall,
    guard: Pick<CallGuard, "clientOf">,
    handler: (context: CallContext) => Promise<void>,
  ): Promise<ReturnType<typeof toStatus> | undefined>;
}

export function createCallRunner(): CallRunner {
  const running = new Set<AbortController>();
  let waiting: (() => void)[] = [];
  let ended: AdaedlError | undefined;
  return {
    async run(call, guard, handler) {
      const controller = new AbortController();
      call.on("cancelled", () => {
        controller.abort(new AdaedlError("cancelled", "the client ended the call"));
      });
      running.add(controller);
      try {
        if (ended !== undefined) throw ended;
        await handler({
          client: guard.clientOf(call.metadata),
          get deadlineMs() {
            const leftMs = Number(call.getDeadline()) - Date.now();
            return Number.isFinite(leftMs) ? Math.max(0, leftMs) : undefined;
          },
          signal: controller.signal,
          ...factsOf(call.metadata),
        });
        return undefined;
      } catch (error) {
        return toStatus(error);
      } finally {
        // Whatever the handler left running ends with its call.
        controller.abort(new AdaedlError("cancelled", "the call has ended"));
        running.delete(controller);
        if (running.size === 0) {
          for (const resolve of waiting) resolve();
          waiting = [];
        }
      }
    },
    whenIdle() {
      if (running.size === 0) return Promise.resolve();
      return new Promise((resolve) => waiting.push(resolve));
    },
    endAll(error) {
      ended = error;
      for (const controller of running) controller.abort(error);
    },
  };
}
