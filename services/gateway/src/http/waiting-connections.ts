import type { Server } from "node:http";
import type { Socket } from "node:net";

/** Bounds of what clients hold that have not sent a whole request. */
export interface WaitingLimits {
  readonly maxConnections: number;
  /** Of bodies that are on their way. */
  readonly maxBytes: number;
}

/**
 * Connections without a whole request. Where they are too many or hold too much, those that have waited
 * longest are closed: a client that does send its request is served, whatever others hold back.
 */
export class WaitingConnections {
  readonly #limits: WaitingLimits;
  /** Bytes of each connection's body, by age. */
  readonly #held = new Map<Socket, number>();
  #numBytes = 0;

  constructor(limits: WaitingLimits) {
    this.#limits = limits;
  }

  /** Watches what connects, and what goes on after an answer. */
  watch(server: Server, event: "connection" | "secureConnection"): void {
    server.on(event, (socket: Socket) => {
      this.#add(socket);
      socket.once("close", () => this.remove(socket));
    });
    server.on("request", ({ socket }, response) => response.once("close", () => this.#add(socket)));
  }

  /** The body of its request takes so many bytes by now. */
  hold(socket: Socket, numBytes: number): void {
    const before = this.#held.get(socket);
    if (before === undefined) return;
    this.#held.set(socket, numBytes);
    this.#numBytes += numBytes - before;
    this.#makeRoom();
  }

  /** Its request is whole, or it is closed. */
  remove(socket: Socket): void {
    this.#numBytes -= this.#held.get(socket) ?? 0;
    this.#held.delete(socket);
  }

  #add(socket: Socket): void {
    this.remove(socket);
    if (socket.destroyed) return;
    this.#held.set(socket, 0);
    this.#makeRoom();
  }

  #makeRoom(): void {
    for (const socket of this.#held.keys()) {
      if (this.#held.size <= this.#limits.maxConnections && this.#numBytes <= this.#limits.maxBytes)
        return;
      if (this.#held.size > this.#limits.maxConnections || this.#held.get(socket) !== 0) {
        this.remove(socket);
        socket.destroy();
      }
    }
  }
}
