import { AdaedlError, throwIfAborted } from "@adaedl/core";
import type { CallFacts } from "../call-facts.ts";
import type { GrpcServer } from "../server/grpc-server.ts";
import type { CallContext } from "../server/served-service.ts";

/** What a call is begun with. */
export interface LocalCallOptions extends CallFacts {
  /** Ends the call. */
  readonly signal?: AbortSignal | undefined;
  /** Until when it is of use, as `Date.now()` counts; the call goes on. */
  readonly deadline?: number | undefined;
}

/** A call that runs until it is disposed of. */
export interface LocalCall extends Disposable {
  readonly context: CallContext;
}

/** Grace period for calls that are cancelled when the server closes. */
const farewellMs = 200;

/** A server within a process: the life cycle of calls is that of a gRPC server, without a port. */
export class LocalServer implements GrpcServer {
  readonly address = "this process";
  readonly #running = new Set<AbortController>();
  #onIdle: () => void = () => {};
  #ended: AdaedlError | undefined;
  #isServing = false;

  get health(): "SERVING" | "NOT_SERVING" {
    return this.#isServing ? "SERVING" : "NOT_SERVING";
  }

  setServing(isServing: boolean): void {
    this.#isServing = isServing;
  }

  /** @throws AdaedlError `unavailable` once the server is closed, or what the signal was aborted with */
  begin({ signal, deadline = Number.POSITIVE_INFINITY, ...facts }: LocalCallOptions): LocalCall {
    if (this.#ended !== undefined) throw this.#ended;
    throwIfAborted(signal);
    const ending = new AbortController();
    this.#running.add(ending);
    return {
      context: {
        ...facts,
        client: "local",
        get deadlineMs() {
          return Number.isFinite(deadline) ? Math.max(0, deadline - Date.now()) : undefined;
        },
        signal: signal === undefined ? ending.signal : AbortSignal.any([signal, ending.signal]),
      },
      [Symbol.dispose]: () => {
        // Whatever the handler left running ends with its call.
        ending.abort(new AdaedlError("cancelled", "the call has ended"));
        this.#running.delete(ending);
        if (this.#running.size === 0) this.#onIdle();
      },
    };
  }

  async drain(timeoutMs: number): Promise<void> {
    this.#isServing = false;
    await this.#idle(timeoutMs);
    await this.close();
  }

  async close(): Promise<void> {
    this.#isServing = false;
    this.#ended ??= new AdaedlError("unavailable", "the server is shutting down");
    for (const ending of this.#running) ending.abort(this.#ended);
    await this.#idle(farewellMs);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Resolves when no call is running, or the time is over. */
  async #idle(timeoutMs: number): Promise<void> {
    if (this.#running.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      const others = this.#onIdle;
      this.#onIdle = () => {
        others();
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
