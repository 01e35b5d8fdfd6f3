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
  return {
    get numForwards() {
      return session.numForwards;
    },
    get costs() {
      return session.costs;
    },
    isAsked: (round) => session.isAsked(round),
    async verify(round, draft, signal) {
      // The later tokens of a plain run are no rounds of their own to whoever looks at them.
      if (session.isAsked(round.number) || !isRoundTraced(round.number))
        return session.verify(round, draft, signal);
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
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}
