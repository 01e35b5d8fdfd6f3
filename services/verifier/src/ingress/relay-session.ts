import { AdaedlError, invalidField, type TargetMessage, type VerifierSession } from "@adaedl/core";
import type { VerifyRequest, VerifyResponse } from "@adaedl/protocol";
import { checkDistributions, checkOfferedIds } from "../sessions/check-offer.ts";
import type { SessionStart } from "../sessions/session-start.ts";
import type { IngressParts } from "./ingress-parts.ts";
import { startProgress } from "./report-progress.ts";

/** The client's end of a session. */
export interface ClientStream {
  receive(signal: AbortSignal): Promise<VerifyRequest | undefined>;
  /** Waits while the client does not read. */
  send(response: VerifyResponse): Promise<void>;
  /** Ends the session. */
  readonly signal: AbortSignal;
}

/**
 * Opens a session at the target, and carries its messages both ways until it has ended.
 * @throws AdaedlError what the session ended with where that is not `finished`
 */
export async function relaySession(
  parts: IngressParts,
  start: SessionStart,
  client: ClientStream,
): Promise<void> {
  const { host, opening, limits, meter } = parts;
  const { sessionId } = start;
  const { send } = client;
  const ending = new AbortController();
  const signal = AbortSignal.any([client.signal, ending.signal]);
  const cancelled = new AdaedlError("cancelled", "the client cancelled the session");
  const turn = watchTurn(start, limits.idleTimeoutMs, ending);
  opening.add(sessionId);
  const session = host.open(start, signal);
  const progress = startProgress(
    () => host.numForwards(sessionId),
    async () => {
      if (turn.isTargets) await send({ type: "progress" });
    },
  );
  receiveAll(parts, start, session, () => client.receive(signal), turn).then(
    () => ending.abort(cancelled),
    (error) => ending.abort(AdaedlError.from(error)),
  );
  try {
    for await (const message of session.messages) {
      turn.onTarget(message);
      if (message.type === "opened") {
        opening.delete(sessionId);
        const { promptTokenIds, committedTokenIds } = start.open;
        meter.onOpened(promptTokenIds.length, committedTokenIds.length);
      }
      progress.restart();
      await send(message);
      if (message.type === "finished") return;
    }
    throw new AdaedlError("internal", "the target ended the session without finishing it");
  } catch (error) {
    if (signal.reason !== cancelled) throw error;
    await send({ type: "finished", reason: "cancelled" });
  } finally {
    opening.delete(sessionId);
    progress.end();
    turn.end();
    session.close();
    ending.abort(new AdaedlError("cancelled", "the session has ended"));
  }
}

/** Returns when the client cancels, or closes its side. */
async function receiveAll(
  { facts }: IngressParts,
  { settings }: SessionStart,
  session: VerifierSession,
  receive: () => Promise<VerifyRequest | undefined>,
  turn: Turn,
): Promise<void> {
  for (;;) {
    const message = await receive();
    if (message === undefined || message.type === "cancel") return;
    if (message.type === "open")
      throw invalidField("message", "open", "must be the first message only");
    const { offer } = message;
    checkOfferedIds(offer, facts.vocabSize);
    checkDistributions(offer, settings.verification);
    turn.onCredit(offer.credit);
    session.offer(offer);
  }
}

/** Who is to send something next: the target while it has credit, otherwise the client. */
interface Turn {
  readonly isTargets: boolean;
  onCredit(credit: number): void;
  onTarget(message: TargetMessage): void;
  end(): void;
}

/** Ends a session whose client lets its turn pass. */
function watchTurn(start: SessionStart, idleTimeoutMs: number, ending: AbortController): Turn {
  let { credit } = start;
  let textLength = start.tokenIds.length;
  let isOpen = false;
  const isTargets = () => !isOpen || textLength < credit;
  const timer = setInterval(() => {
    if (isTargets()) return;
    const why = `nothing was sent for ${idleTimeoutMs} ms`;
    ending.abort(new AdaedlError("deadline_exceeded", why));
  }, idleTimeoutMs);
  return {
    get isTargets() {
      return isTargets();
    },
    onCredit(raised) {
      credit = Math.max(credit, raised);
      timer.refresh();
    },
    onTarget(message) {
      isOpen = true;
      if (message.type === "commit")
        textLength = message.commit.position + message.commit.tokenIds.length;
      timer.refresh();
    },
    end: () => clearInterval(timer),
  };
}
