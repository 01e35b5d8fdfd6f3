import { connect, type Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { createLink, type Link } from "./link.ts";
import { resetSocket } from "./reset-socket.ts";

/** Where a TCP server listens. */
export interface Endpoint {
  /** A name or an IP address. */
  readonly host: string;
  readonly port: number;
}

/** The state of the emulated network, which all connections share. */
export interface NetworkConditions {
  /** Delay of each direction in milliseconds. */
  readonly oneWayMs: number;
  /** Nothing passes, and nobody is told. */
  isBlackHole: boolean;
}

/** How one connection is made. */
export interface ConnectionSettings {
  readonly upstream: Endpoint;
  readonly conditions: NetworkConditions;
  /** The connection is reset as soon as one direction has passed on so many bytes. */
  readonly limitBytes: number;
  /** How long a lost connection keeps the side whose peer has sent its end, in milliseconds. */
  readonly lingerMs: number;
  /** Called when no socket of the connection is open any more. */
  onClosed(): void;
}

/** A client's connection and the one to the upstream that carries it on. */
export interface Connection {
  /** Lets nothing pass any more and sends a reset to both sides. */
  reset(): void;
  /** To be called when the black hole opens: it takes what is on its way. */
  enterBlackHole(): void;
}

/**
 * How long a reset waits behind bytes, for the reader to take them first: to a reader of Node, bytes
 * with a reset right behind them look like an orderly end.
 */
const settleMs = 10;

/**
 * Carries a client's connection on to the upstream until both sides are closed. A connection of
 * which a black hole has swallowed anything is lost: nothing passes on it ever again, as TCP
 * delivers no bytes behind a gap.
 */
export function openConnection(client: Socket, settings: ConnectionSettings): Connection {
  const { conditions, limitBytes, lingerMs } = settings;
  let isLost = conditions.isBlackHole;
  let lastPassedMs = Number.NEGATIVE_INFINITY;
  let resetting: NodeJS.Timeout | undefined;
  // A black hole swallows the handshake as well.
  const upstream = isLost
    ? undefined
    : connect({ ...settings.upstream, allowHalfOpen: true, noDelay: true });
  const sockets = upstream === undefined ? [client] : [client, upstream];
  const links = upstream === undefined ? [] : [link(client, upstream), link(upstream, client)];

  function swallows(): boolean {
    isLost ||= conditions.isBlackHole;
    return isLost;
  }

  function link(source: Socket, target: Socket): Link {
    return createLink({
      ...{ source, target, swallows, limitBytes },
      delayMs: conditions.oneWayMs,
      onReset: reset,
      onPassed() {
        lastPassedMs = performance.now();
      },
    });
  }

  function reset(): void {
    isLost = true;
    for (const { drop } of links) drop();
    const waitMs = lastPassedMs + settleMs - performance.now();
    if (waitMs > 0) resetting ??= setTimeout(() => setImmediate(resetSockets), waitMs);
    else resetSockets();
  }

  function resetSockets(): void {
    for (const socket of sockets) resetSocket(socket);
  }

  /** Nobody tells a peer that has gone away from one that waits: time has to, as in the kernel. */
  function freeIfGone(socket: Socket): void {
    if (isLost && socket.readableEnded) socket.destroy();
    else socket.setTimeout(lingerMs);
  }

  let numOpen = sockets.length;
  for (const socket of sockets) {
    socket.on("error", () => {}); // the links pass it on; "close" follows
    socket.on("timeout", () => freeIfGone(socket));
    socket.on("close", () => {
      numOpen--;
      if (numOpen > 0) return;
      clearTimeout(resetting);
      settings.onClosed();
    });
    socket.setTimeout(lingerMs);
    socket.resume();
  }

  return {
    reset,
    enterBlackHole() {
      if (links.some(({ isEmpty }) => !isEmpty)) isLost = true;
      for (const { drop } of links) drop();
    },
  };
}
