import type { Offer, TargetMessage, VerifierSession } from "@adaedl/core";

/** Opens sessions at a target, wherever it runs: in this process, or at a worker behind Redis. */
export interface SessionHost<Start> {
  /**
   * Opens a session; it may have to wait for a place. Never throws: what goes wrong ends the session's
   * messages. Aborting the signal closes the session.
   */
  open(start: Start, signal?: AbortSignal): VerifierSession;
  /**
   * Forwards completed for a session: by the worker that has it, otherwise by all that could take it.
   * While the number changes, the model is alive and a session that waits comes closer to its turn.
   */
  numForwards(sessionId: string): number;
}

/** Runs the sessions that a worker takes. */
export interface SessionWorker<Start> extends Pick<SessionHost<Start>, "open"> {
  /** Forwards that its model has completed. */
  readonly numForwards: number;
  /** Sessions it has free places for. */
  readonly numFree: number;
  /** Whether it could take a session of this client, though at the cost of another session. */
  canMakeRoom(client: string): boolean;
}

/** What has to be known about a session that looks for a place. */
export interface SessionRoute {
  readonly sessionId: string;
  /** Clients that wait for a place get one in turn. */
  readonly client: string;
  /** Length of the text that it begins with, and credit: the target has to commit while that is more. */
  readonly length: number;
  readonly credit: number;
}

/** What an ingress sends to the target during a session. */
export type UpMessage =
  | { readonly type: "offer"; readonly offer: Offer }
  | { readonly type: "cancel" };

/** How a session crosses between processes. Decoders throw AdaedlError `invalid_argument`. */
export interface SessionCodec<Start> {
  routeOf(start: Start): SessionRoute;
  encodeStart(start: Start): string;
  decodeStart(text: string): Start;
  encodeUp(message: UpMessage): string;
  decodeUp(text: string): UpMessage;
  encodeDown(message: TargetMessage): string;
  decodeDown(text: string): TargetMessage;
}

/** The part of the codec that an ingress uses. */
export type IngressSessionCodec<Start> = Pick<
  SessionCodec<Start>,
  "routeOf" | "encodeStart" | "encodeUp" | "decodeDown"
>;

/** The part of the codec that a worker uses. */
export type WorkerSessionCodec<Start> = Pick<
  SessionCodec<Start>,
  "decodeStart" | "decodeUp" | "encodeDown"
>;
