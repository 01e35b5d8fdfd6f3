import { AdaedlError, type Draft } from "@adaedl/core";
import type { Span, Tracer } from "@adaedl/telemetry";
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
      const attributes = { "adaedl.round": round.number };
      const span = tracer.start("round", { parent, attributes });
      const { traceparent } = span;
      const watched = watch(draft, (draftMs, numDrafted) => {
        const attributes = { "adaedl.num_drafted": numDrafted };
        if (numDrafted > 0) tracer.record("draft", { parent: traceparent, attributes }, draftMs);
        span.set({ ...attributes, "adaedl.num_plain_tokens": round.numPlainTokens });
      });
      try {
        const verdict = await session.verify(round, watched, signal, traceparent);
        span.set({
          "adaedl.num_accepted": verdict.numAccepted,
          "adaedl.stop_reason": draft.endReason ?? "plain",
        });
        span.end();
        return verdict;
      } catch (error) {
        span.end(AdaedlError.from(error));
        throw error;
      }
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

/** @param onEnd told when the draft has come to its end, and how long it took */
function watch(draft: Draft, onEnd: (draftMs: number, numDrafted: number) => void): Draft {
  return {
    get endReason() {
      return draft.endReason;
    },
    async *[Symbol.asyncIterator]() {
      const startedAt = performance.now();
      let numDrafted = 0;
      for await (const guess of draft) {
        numDrafted++;
        yield guess;
      }
      onEnd(performance.now() - startedAt, numDrafted);
    },
  };
}
