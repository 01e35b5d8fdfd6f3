import { AdaedlError, FairPlaces } from "@adaedl/core";
import { type Metadata, ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js";
import { once } from "../definitions.ts";
import { toStatus } from "../errors/rich-status.ts";
import type { BearerTokens } from "../security/bearer-tokens.ts";
import { type Caller, identityOf } from "../security/identity.ts";

/** What clients may hold before a service has admitted anything of theirs. */
export interface GuardLimits {
  /** Calls that have not sent their first message, and for how many milliseconds each may wait with it. */
  readonly maxSilentCalls: number;
  readonly firstMessageMs: number;
  /** Calls of health checks and reflection. */
  readonly maxAuxiliaryCalls: number;
}

export const defaultGuardLimits: GuardLimits = {
  maxSilentCalls: 1_024,
  firstMessageMs: 10_000,
  maxAuxiliaryCalls: 256,
};

/** What probes ask, which have no token. */
const openToAll = "/grpc.health.v1.Health/Check";
const retryAfterMs = 1_000;

type Status = ReturnType<typeof toStatus>;

interface GuardedCall {
  end(status: Status): void;
}

/** Made once: those who are refused may be many. */
const full = once(() =>
  toStatus(
    new AdaedlError("resource_exhausted", "too many calls wait or watch here", {
      field: "calls",
      retryAfterMs,
    }),
  ),
);

/**
 * Stands before all services of a server: it knows who calls, and bounds their calls by the
 * rules of `FairPlaces`, so that a client that opens many and asks for nothing harms itself alone.
 */
export class CallGuard {
  readonly #limits: GuardLimits;
  readonly #tokens: BearerTokens | undefined;
  readonly #names: readonly string[];
  readonly #late: () => Status;
  readonly #clients = new WeakMap<Metadata, string>();
  readonly #silent: FairPlaces<GuardedCall>;
  readonly #auxiliary: FairPlaces<GuardedCall>;

  /**
   * @param tokens without them nobody is asked for one
   * @param names of the services that admit calls by limits of their own
   */
  constructor(limits: GuardLimits, tokens: BearerTokens | undefined, names: readonly string[]) {
    this.#limits = limits;
    this.#tokens = tokens;
    this.#names = names;
    const late = `no message was sent for ${limits.firstMessageMs} ms`;
    this.#late = once(() => toStatus(new AdaedlError("deadline_exceeded", late)));
    this.#silent = new FairPlaces({ maxPlaces: limits.maxSilentCalls });
    this.#auxiliary = new FairPlaces({ maxPlaces: limits.maxAuxiliaryCalls });
  }

  /** Who makes a call that has passed the guard, by its metadata. */
  clientOf(metadata: Metadata): string {
    const client = this.#clients.get(metadata);
    if (client === undefined) throw new AdaedlError("internal", "the call has passed no guard");
    return client;
  }

  readonly interceptor: ServerInterceptor = ({ path }, call) => {
    let timer: NodeJS.Timeout | undefined;
    const speak = () => {
      clearTimeout(timer);
      this.#silent.free(guarded);
    };
    const leave = () => {
      speak();
      this.#auxiliary.free(guarded);
    };
    const guarded: GuardedCall = {
      end(status) {
        leave();
        call.sendStatus(status);
      },
    };
    const onReceiveMetadata = (metadata: Metadata, proceed: (metadata: Metadata) => void) => {
      const refusal = this.#admit(guarded, path, metadata, call);
      if (refusal !== undefined) return guarded.end(refusal);
      timer = setTimeout(() => guarded.end(this.#late()), this.#limits.firstMessageMs);
      proceed(metadata);
    };
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata,
          onReceiveMessage(message, proceed) {
            speak();
            proceed(message);
          },
          onReceiveHalfClose(proceed) {
            speak();
            proceed();
          },
          onCancel: leave, // at the end, whatever that is
        }),
    });
  };

  /** @returns the status that the call ends with, if it may not go on */
  #admit(
    guarded: GuardedCall,
    path: string,
    metadata: Metadata,
    call: Parameters<ServerInterceptor>[1],
  ): Status | undefined {
    const caller: Caller = {
      metadata,
      getPeer: () => call.getPeer(),
      getAuthContext: () => call.getAuthContext(),
    };
    try {
      const client = identityOf(caller, path === openToAll ? undefined : this.#tokens);
      this.#clients.set(metadata, client);
      const isAuxiliary = !this.#names.some((name) => path.startsWith(`/${name}/`));
      for (const places of isAuxiliary ? [this.#silent, this.#auxiliary] : [this.#silent]) {
        const given = places.take(guarded, client, 0, performance.now());
        if (given === undefined) return full();
        for (const other of given) other.end(full());
      }
      return undefined;
    } catch (error) {
      return toStatus(error);
    }
  }
}
