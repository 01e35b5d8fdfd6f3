import { AdaedlError, type Draft } from "@adaedl/core";
import type { Span, SpanError, Tracer } from "@adaedl/telemetry";
import type { RemoteSession } from "./remote-session.ts";

/**
 * The same session, with a span for each round that the verifier is asked for, and one in it for its
 * draft; the verifier's part of the round becomes part of it too.
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
      if (session.isAsked(round.number)) return session.verify(round, draft, signal, parent);
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
        const durationMs = performance.now() - startedAt;
        traceDraft(tracer, traceparent, draft, durationMs);
        const attributes = {
          "adaedl.round": round.number,
          "adaedl.num_drafted": draft.numGuesses ?? 0,
          "adaedl.num_plain_tokens": round.numPlainTokens,
          "adaedl.num_accepted": numAccepted,
          "adaedl.stop_reason": draft.endReason ?? "plain",
        };
        tracer.record("round", { parent, traceparent, attributes, durationMs, error });
      }
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

/** @param roundMs since the round began, and its draft with it */
function traceDraft(
  tracer: Tracer,
  parent: string | undefined,
  { numGuesses = 0, draftMs = 0 }: Draft,
  roundMs: number,
): void {
  if (numGuesses === 0) return;
  const attributes = { "adaedl.num_drafted": numGuesses };
  tracer.record("draft", { parent, attributes, durationMs: draftMs, agoMs: roundMs - draftMs });
}
