import { EventEmitter, once } from "node:events";
import { AdaedlError } from "@adaedl/core";
import type { Connection } from "./connect.ts";

export const tickMs = 100;
/** Ticks without a pulse after which Redis counts as unreachable. */
const silentTicks = 3;
/** Silent ticks on connections that are ready, after which channels are subscribed to again. */
const resubscribeTicks = 10;
const goodbyeMs = 200;

interface Events {
  down: [AdaedlError];
  up: [];
  tick: [];
  /** All connections are ready: subscriptions have to be made again. */
  ready: [];
}

/**
 * Whether Redis can be reached, over connections that are of use only together. A pulse travels through
 * Redis in every tick: one that does not come back shows that Redis is away, whatever the connections say.
 */
export class Reachability {
  readonly events = new EventEmitter<Events>().setMaxListeners(0);
  readonly #connections: readonly Connection[];
  readonly #timer: NodeJS.Timeout;
  #isUp = false;
  #numLosses = 0;
  #hasDropped = false;
  #numSilent = 0;
  #lastError = "the connection was lost";

  constructor(connections: readonly Connection[], sendPulse: () => void) {
    this.#connections = connections;
    for (const connection of connections) {
      connection.on("error", ({ message }: Error) => {
        this.#lastError = message;
      });
      connection.on("close", () => this.setDown(unreachable(this.#lastError)));
      connection.on("ready", () => {
        if (this.isReady) this.events.emit("ready");
      });
    }
    this.#timer = setInterval(() => this.#tick(sendPulse), tickMs);
  }

  /** Whether the last pulse came back. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** Counts how often messages to this process may have been lost. */
  get numLosses(): number {
    return this.#numLosses;
  }

  get isReady(): boolean {
    return this.#connections.every(({ status }) => status === "ready");
  }

  /** Why a connection was lost last. */
  get lastError(): string {
    return this.#lastError;
  }

  async whenReady(): Promise<void> {
    if (!this.isReady) await once(this.events, "ready");
  }

  /** A pulse came back. */
  onPulse(): void {
    this.#numSilent = 0;
    if (this.#isUp || !this.isReady) return;
    this.#isUp = true;
    this.events.emit("up");
  }

  setDown(error: AdaedlError): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#numLosses++;
    this.events.emit("down", error);
  }

  /** Messages that arrived were dropped: one loss a tick, however many they were. */
  onDropped(): void {
    this.#hasDropped = true;
  }

  /** Ends the connections, politely where Redis answers soon; nobody is told that it is down. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    this.#isUp = false;
    await Promise.all(this.#connections.map(end));
  }

  #tick(sendPulse: () => void): void {
    this.#numSilent++;
    if (this.#numSilent > silentTicks) this.setDown(unreachable("it does not answer"));
    if (this.isReady) {
      sendPulse();
      // A cluster's client stays ready while the node changes that it receives from.
      if (!this.#isUp && this.#numSilent % resubscribeTicks === 0) this.events.emit("ready");
    }
    if (this.#hasDropped) this.#numLosses++;
    this.#hasDropped = false;
    this.events.emit("tick");
  }
}

export function unreachable(why: string): AdaedlError {
  return new AdaedlError("unavailable", `Redis cannot be reached: ${why}`);
}

async function end(connection: Connection): Promise<void> {
  const late = new Promise<void>((resolve) => setTimeout(resolve, goodbyeMs).unref());
  await Promise.race([connection.quit().catch(() => {}), late]);
  connection.disconnect();
}
