import { AdaedlError } from "@adaedl/core";
import { checkRights } from "./check-rights.ts";
import type { Connection } from "./connect.ts";
import { createLink } from "./link.ts";
import { orAborted } from "./or-aborted.ts";
import { createOutbox } from "./outbox.ts";
import { createErrorOf, isDenied, redisErrorOf } from "./redis-error.ts";
import { type RedisTls, type RedisTlsFiles, readRedisTls } from "./redis-tls.ts";
import { parseRedisUrl, type RedisTarget } from "./redis-url.ts";

export interface RedisHubOptions {
  readonly url: string;
  readonly tls?: RedisTlsFiles | undefined;
  /** Who shares a name meets; letters, digits, dashes. */
  readonly namespace: string;
  /** Names this process among all that meet. */
  readonly id: string;
  /** Told once why Redis does not answer, when that takes longer than usual. */
  onWaiting?(why: string): void;
  /** Called, every ten seconds at most, when a command is denied: the Redis user has lost rights. */
  onDenied?(error: AdaedlError): void;
}

/** One thing that was sent to an address. */
export type OnMessage = (message: unknown) => void;

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

export const tickMs = 100;
/** After so long it is worth a word. */
const patienceMs = 1_000;
/** The hub hears itself through Redis every tick; after so many silent ones Redis is away. */
const silentTicks = 3;
/** After so many silent ticks on connections that are ready, channels are subscribed to again. */
const resubscribeTicks = 10;

/**
 * @throws AdaedlError `invalid_argument` for a bad URL or file, `internal` naming the rights that the Redis
 *   user lacks, what the signal was aborted with while Redis did not answer
 */
export async function openRedisHub(
  options: RedisHubOptions,
  signal?: AbortSignal,
): Promise<RedisHub> {
  const { id, namespace } = options;
  const tls = readRedisTls(options.tls ?? {});
  const target = parseRedisUrl(options.url);
  // Loaded here: who has no Redis does not pay for its client.
  const { connect } = await import("./connect.ts");
  const connection = connect(target, "messages", tls);
  const subscriber = connect(target, "messages", tls);
  const listeners = new Map<string, OnMessage[]>();
  const downListeners: ((error: AdaedlError) => void)[] = [];
  const upListeners: (() => void)[] = [];
  const tickListeners: (() => void)[] = [];
  const channelOf = (address: string) => `adaedl:${namespace}:${address}`;

  let isUp = false;
  let numLosses = 0;
  let numSilent = 0;

  const place = { target, namespace };
  const errorOf = createErrorOf(place, (error) => options.onDenied?.(error));

  function setDown(error: AdaedlError): void {
    if (!isUp) return;
    isUp = false;
    numLosses++;
    for (const listener of downListeners) listener(error);
  }

  const outbox = createOutbox((address, text) => {
    connection.publish(channelOf(address), text).catch((error: Error) => setDown(errorOf(error)));
  });

  function deliver(address: string, messages: unknown): void {
    if (!Array.isArray(messages)) return;
    for (const onMessage of listeners.get(address) ?? [])
      for (const message of messages) onMessage(message);
  }

  const link = createLink([connection, subscriber], (why) => setDown(unreachable(why)));
  /** After a loss. What fails here was lost again, or is found by the silence. */
  const subscribeAgain = () => {
    const channels = [...listeners.keys()].map(channelOf);
    if (channels.length > 0) subscriber.subscribe(...channels).catch(() => {});
  };
  subscriber.on("ready", subscribeAgain);
  const prefixLength = channelOf("").length;
  subscriber.on("message", (channel: string, text: string) => {
    deliver(channel.slice(prefixLength), parseJson(text));
  });

  const firstUp = new Promise<void>((resolve) => upListeners.push(resolve));
  const pulse = `pulse:${id}`;
  const onPulse = () => {
    numSilent = 0;
    if (isUp || !link.isReady) return;
    isUp = true;
    for (const listener of upListeners) listener();
  };
  const timer = setInterval(() => {
    numSilent++;
    if (numSilent > silentTicks) setDown(unreachable("it does not answer"));
    if (link.isReady) outbox.send(pulse, {});
    // A cluster's client stays ready while the node that it hears through changes.
    if (!isUp && link.isReady && numSilent % resubscribeTicks === 0) subscribeAgain();
    for (const listener of tickListeners) listener();
  }, tickMs);

  async function close(): Promise<void> {
    clearInterval(timer);
    await outbox.flush(); // a last word may be in it
    isUp = false; // on purpose: nobody is told
    await Promise.all([link.end(connection), link.end(subscriber)]);
  }

  const hub: RedisHub = {
    id,
    namespace,
    target,
    tls,
    connection,
    get isUp() {
      return isUp;
    },
    get numLosses() {
      return numLosses;
    },
    send(address, message) {
      // A process that is ingress and worker at once talks to itself without Redis.
      if (listeners.has(address)) setImmediate(deliver, address, [message]);
      else hub.broadcast(address, message);
    },
    broadcast(address, message) {
      // Who cannot hear yet says nothing yet: he would be taken for one who listens.
      if (isUp) outbox.send(address, message);
    },
    async listen(address, onMessage) {
      listeners.set(address, [...(listeners.get(address) ?? []), onMessage]);
      for (;;) {
        await link.whenReady(); // it may be away at the moment
        try {
          await subscriber.subscribe(channelOf(address));
          return;
        } catch (error) {
          if (link.isReady || isDenied(error)) throw redisErrorOf(error, place);
        }
      }
    },
    errorOf,
    onDown: (listener) => void downListeners.push(listener),
    onUp: (listener) => void upListeners.push(listener),
    onTick: (listener) => void tickListeners.push(listener),
    close,
    [Symbol.asyncDispose]: close,
  };
  let refusal: string | undefined;
  const waiting = setTimeout(() => options.onWaiting?.(refusal ?? link.lastError), patienceMs);
  try {
    const why = () => refusal ?? unreachable(link.lastError).message;
    const onRetry = ({ message }: AdaedlError) => {
      refusal = message;
    };
    await orAborted(hub.listen(pulse, onPulse), signal, why);
    await orAborted(checkRights(connection, link, { id, place, onRetry }, signal), signal, why);
    refusal = undefined;
    await orAborted(firstUp, signal, why);
    return hub;
  } catch (error) {
    await close();
    throw error;
  } finally {
    clearTimeout(waiting);
  }
}

function unreachable(why: string): AdaedlError {
  return new AdaedlError("unavailable", `Redis cannot be reached: ${why}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // whoever reaches Redis can send anything
  }
}
