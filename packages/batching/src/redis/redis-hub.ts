import { once } from "node:events";
import type { AdaedlError } from "@adaedl/core";
import { checkRights } from "./check-rights.ts";
import type { Connection } from "./connect.ts";
import { orAborted } from "./or-aborted.ts";
import { Publisher } from "./publications.ts";
import { Reachability, tickMs, unreachable } from "./reachability.ts";
import { createErrorOf } from "./redis-error.ts";
import { type RedisTls, type RedisTlsFiles, readRedisTls } from "./redis-tls.ts";
import { parseRedisUrl, type RedisTarget } from "./redis-url.ts";
import { createSeal, readSecrets, type Seal } from "./seal.ts";
import { type OnMessage, Subscriptions } from "./subscriptions.ts";

export interface RedisHubOptions {
  readonly url: string;
  readonly tls?: RedisTlsFiles | undefined;
  /** Secrets that all processes share and sign with, one a line; without it, nothing is signed. */
  readonly secretFile?: string | undefined;
  /** Who shares a name meets; letters, digits, dashes. */
  readonly namespace: string;
  /** Names this process among all that meet. */
  readonly id: string;
  /** Told once why Redis does not answer, when that takes longer than usual. */
  onWaiting?(why: string): void;
  /** Called, every ten seconds at most, when a command is denied: the Redis user has lost rights. */
  onDenied?(error: AdaedlError): void;
  /** Called, every ten seconds at most, when messages were refused: too large, not signed, or too many. */
  onRefused?(numPublications: number): void;
}

/**
 * This process's place in Redis: messages to and from others that meet there, by publish and
 * subscribe, and the knowledge whether Redis can be reached at all. Nothing is stored; what is under
 * way when Redis is lost is lost, and everybody who waits for it is told.
 */
export interface RedisHub extends AsyncDisposable {
  readonly id: string;
  readonly namespace: string;
  readonly target: RedisTarget;
  readonly tls: RedisTls;
  readonly seal: Seal;
  /** For a BullMQ queue, which shares it. */
  readonly connection: Connection;
  readonly isUp: boolean;
  /** Counts how often messages may have been lost on the way to this process. */
  readonly numLosses: number;
  /**
   * Sends to the one who listens to an address, in the order of the calls. What does not arrive is
   * noticed by `onDown`, here or there.
   */
  send(address: string, message: object): void;
  /** Sends to all who listen to an address, this process too. */
  broadcast(address: string, message: object): void;
  /** Resolves when messages to the address arrive. */
  listen(address: string, onMessage: OnMessage): Promise<void>;
  /** The error of a failed command, for clients; `onDenied` gets the details of a denied one. */
  errorOf(thrown: unknown): AdaedlError;
  /** Called when Redis is away: by a lost connection at once, by its silence in half a second. */
  onDown(listener: (error: AdaedlError) => void): void;
  /** Called when it is back, everything subscribed to again. */
  onUp(listener: () => void): void;
  /**
   * Called every `tickMs` of this process's own time: one that was stopped or starved has had no more
   * ticks than it could look at messages in between, and so does not take its own sleep for others'.
   */
  onTick(listener: () => void): void;
  close(): Promise<void>;
}

/** A wait for Redis is reported after so long. */
const patienceMs = 1_000;
/** Refused publications are reported at most so often. */
const reportTicks = 10_000 / tickMs;

/**
 * @throws AdaedlError `invalid_argument` for a bad URL or file, `internal` naming the rights that the Redis
 *   user lacks, what the signal was aborted with while Redis did not answer
 */
export async function openRedisHub(
  options: RedisHubOptions,
  signal?: AbortSignal,
): Promise<RedisHub> {
  const seal = createSeal(readSecrets(options.secretFile));
  const tls = readRedisTls(options.tls ?? {});
  const target = parseRedisUrl(options.url);
  // Loaded here: who has no Redis does not pay for its client.
  const { connect } = await import("./connect.ts");
  const connections = [connect(target, "messages", tls), connect(target, "messages", tls)] as const;
  const hub = createHub(options, { seal, tls, target }, connections);
  let refusal: string | undefined;
  const { reachability } = hub;
  const why = () => refusal ?? unreachable(reachability.lastError).message;
  const waiting = setTimeout(
    () => options.onWaiting?.(refusal ?? reachability.lastError),
    patienceMs,
  );
  try {
    const up = once(reachability.events, "up");
    await orAborted(
      hub.listen(pulseOf(options), () => reachability.onPulse()),
      signal,
      why,
    );
    const onRetry = ({ message }: AdaedlError) => {
      refusal = message;
    };
    const check = { id: options.id, place: { target, namespace: options.namespace }, onRetry };
    await orAborted(checkRights(hub.connection, reachability, check, signal), signal, why);
    refusal = undefined;
    await orAborted(up, signal, why);
    return hub;
  } catch (error) {
    await hub.close();
    throw error;
  } finally {
    clearTimeout(waiting);
  }
}

const pulseOf = ({ id }: RedisHubOptions) => `pulse:${id}`;

function createHub(
  options: RedisHubOptions,
  settings: Pick<RedisHub, "seal" | "tls" | "target">,
  [connection, subscriber]: readonly [Connection, Connection],
) {
  const { id, namespace } = options;
  const place = { target: settings.target, namespace };
  const errorOf = createErrorOf(place, (error) => options.onDenied?.(error));
  const channelOf = (address: string) => `adaedl:${namespace}:${address}`;
  const publisher = new Publisher(settings.seal, (channel, sealed) => {
    const onError = (error: Error) => reachability.setDown(errorOf(error));
    connection.publish(channel, sealed).catch(onError);
  });
  const reachability = new Reachability([connection, subscriber], () =>
    publisher.send(channelOf(pulseOf(options)), {}),
  );
  let numRefused = 0;
  const onRefused = () => numRefused++;
  const { seal } = settings;
  const subscriptions = new Subscriptions(subscriber, reachability, { seal, place, onRefused });
  const { events } = reachability;
  let numTicks = 0;
  events.on("tick", () => {
    if (++numTicks % reportTicks !== 0 || numRefused === 0) return;
    options.onRefused?.(numRefused);
    numRefused = 0;
  });

  async function close(): Promise<void> {
    await publisher.flush(); // the last messages may be in it
    await reachability.end();
  }

  return {
    ...settings,
    ...{ id, namespace, connection, reachability, errorOf, close },
    [Symbol.asyncDispose]: close,
    get isUp() {
      return reachability.isUp;
    },
    get numLosses() {
      return reachability.numLosses;
    },
    send(address, message) {
      const channel = channelOf(address);
      // A process that is ingress and worker at once talks to itself without Redis.
      if (subscriptions.has(channel)) setImmediate(() => subscriptions.deliver(channel, [message]));
      else if (reachability.isUp) publisher.send(channel, message);
    },
    broadcast(address, message) {
      // A process that receives nothing sends nothing: others would take it for a listener.
      if (reachability.isUp) publisher.send(channelOf(address), message);
    },
    listen: (address, onMessage) => subscriptions.listen(channelOf(address), onMessage),
    onDown: (listener) => void events.on("down", listener),
    onUp: (listener) => void events.on("up", listener),
    onTick: (listener) => void events.on("tick", listener),
  } satisfies RedisHub & { readonly reachability: Reachability };
}
