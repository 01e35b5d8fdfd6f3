import { AdaedlError } from "@adaedl/core";
import { isRoundTraced, type Span, type SpanError, type Tracer } from "@adaedl/telemetry";
import type { RemoteSession } from "./remote-session.ts";

/**
 * The same session, with a span for each traced round that the verifier is asked for. The verifier's part
 * of the round becomes part of it; what comes before that is the draft.
 * @param whole the span that the rounds are part of; where nobody looks at it, they have none
 */
export function traceRounds(session: RemoteSession, tracer: Tracer, whole: Span): RemoteSession {
  if (!whole.isOn) return session;
  const parent = whole.traceparent;

  async function verifyTraced(...[round, draft, signal]: Parameters<RemoteSession["verify"]>) {
    const traceparent = tracer.reserve(parent);
    const startedAt = performance.now();
    let numAccepted = 0;
    let error: SpanError | undefined;
    try {
      const verdict = await session.verify(round, draft, signal, traceparent);
      numAccepted = verdict.numAccepted;
      return verdict;
    } catch (thrown) {
      error = AdaedlError.from(thrown);
      throw thrown;
    } finally {
      const { numGuesses = 0, draftMs = 0, endReason = "plain" } = draft;
      const attributes = {
        "adaedl.round": round.number,
        "adaedl.num_drafted": numGuesses,
        "adaedl.num_accepted": numAccepted,
        "adaedl.stop_reason": endReason,
        "adaedl.draft_ms": draftMs,
      };
      const durationMs = performance.now() - startedAt;
      tracer.record("round", { parent, traceparent, attributes, durationMs, error });
    }
  }

  return {
    get numForwards() {
      return session.numForwards;
    },
    get costs() {
      return session.costs;
    },
    isAsked: (round) => session.isAsked(round),
    verify: (round, draft, signal) =>
      // The later tokens of a plain run are no rounds of their own to whoever looks at them.
      session.isAsked(round.number) || !isRoundTraced(round.number)
        ? session.verify(round, draft, signal)
        : verifyTraced(round, draft, signal),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}
