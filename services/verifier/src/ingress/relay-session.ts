import { AdaedlError, invalidField, type VerifierSession } from "@adaedl/core";
import type { VerifyRequest, VerifyResponse } from "@adaedl/protocol";
import { checkDistributions, checkOfferedIds } from "../sessions/check-offer.ts";
import type { SessionStart } from "../sessions/session-start.ts";
import type { SessionPlace } from "./admission.ts";
import type { IngressParts } from "./ingress-parts.ts";
import { startProgress } from "./report-progress.ts";
import { Turn } from "./turn.ts";
import { UnreadOffers } from "./unread-offers.ts";

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
  place: Omit<SessionPlace, "release">,
  client: ClientStream,
): Promise<void> {
  const { host, opening, limits, meter } = parts;
  const { sessionId } = start;
  const { send } = client;
  const ending = new AbortController();
  const signal = AbortSignal.any([client.signal, place.lost, ending.signal]);
  const cancelled = new AdaedlError("cancelled", "the client cancelled the session");
  const turn = new Turn(start, limits.idleTimeoutMs, place, (error) => ending.abort(error));
  opening.add(sessionId);
  const session = host.open(start, signal);
  const progress = startProgress(
    () => host.numForwards(sessionId),
    async () => {
      if (turn.isTargets) await send({ type: "progress" });
    },
  );
  const offers = new UnreadOffers();
  const receive = async () => {
    await offers.hasRoom(signal);
    return client.receive(signal);
  };
  receiveAll(parts, start, session, receive, turn, offers).then(
    () => ending.abort(cancelled),
    (error) => ending.abort(AdaedlError.from(error)),
  );
  try {
    for await (const message of session.messages) {
      if (message.type === "opened") {
        opening.delete(sessionId);
        const { promptTokenIds, committedTokenIds } = start.open;
        meter.onOpened(promptTokenIds.length, committedTokenIds.length);
      }
      if (message.type === "commit") offers.committed();
      progress.restart();
      await turn.pass(message, send(message));
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
  offers: UnreadOffers,
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
    offers.offered(offer.nodes.length);
    session.offer(offer);
  }
}
