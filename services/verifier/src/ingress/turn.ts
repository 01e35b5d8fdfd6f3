import { AdaedlError, type TargetMessage } from "@adaedl/core";
import type { SessionStart } from "../sessions/session-start.ts";
import type { SessionPlace } from "./admission.ts";

/**
 * Whether a session waits for the target, which has credit then, or for its client. One that waits for its client
 * rests in its place, and is ended after a while. Draft tokens without credit are no activity.
 */
export class Turn {
  readonly #place: Pick<SessionPlace, "work" | "rest">;
  readonly #timer: NodeJS.Timeout;
  #credit: number;
  #textLength: number;
  #isOpen = false;
  #isSending = false;

  /** @param end ends the session */
  constructor(
    { credit, tokenIds }: Pick<SessionStart, "credit" | "tokenIds">,
    idleTimeoutMs: number,
    place: Pick<SessionPlace, "work" | "rest">,
    end: (error: AdaedlError) => void,
  ) {
    this.#credit = credit;
    this.#textLength = tokenIds.length;
    this.#place = place;
    const error = new AdaedlError(
      "deadline_exceeded",
      `nothing was asked of the target for ${idleTimeoutMs} ms`,
    );
    this.#timer = setInterval(() => {
      if (!this.isTargets) end(error);
    }, idleTimeoutMs);
  }

  get isTargets(): boolean {
    return !this.#isOpen || this.#textLength < this.#credit;
  }

  onCredit(credit: number): void {
    if (credit <= this.#credit) return;
    this.#credit = credit;
    this.#timer.refresh();
    this.#settle();
  }

  /** The target has sent a message; `send` resolves when the client has room for more. */
  async pass(message: TargetMessage, send: Promise<void>): Promise<void> {
    this.#isOpen = true;
    if (message.type === "commit")
      this.#textLength = message.commit.position + message.commit.tokenIds.length;
    this.#timer.refresh();
    this.#isSending = true;
    this.#settle();
    await send;
    this.#isSending = false;
    this.#settle();
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #settle(): void {
    if (this.isTargets && !this.#isSending) this.#place.work();
    else this.#place.rest();
  }
}
