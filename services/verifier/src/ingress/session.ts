import { AdaedlError, invalidField } from "@adaedl/core";
import type { CallContext, EndOfDraft, VerifyRequest, VerifyResponse } from "@adaedl/protocol";
import { isRoundTraced } from "@adaedl/telemetry";
import type { TargetAnswer } from "../jobs/target-job.ts";
import { checkOpen } from "./check-open.ts";
import { createDraftCollector } from "./collect-draft.ts";
import type { IngressParts } from "./ingress-parts.ts";
import { createPatientReceiver } from "./patient-receiver.ts";
import { startProgress } from "./report-progress.ts";

/** Numbers sessions of this process: one that is opened again never meets its old self. */
let numOpened = 0;

/** One stream from Open to Finished. What it throws is the status the stream ends with. */
export async function serveSession(
  parts: IngressParts,
  receive: (signal?: AbortSignal) => Promise<VerifyRequest | undefined>,
  send: (response: VerifyResponse) => Promise<void>,
  context: CallContext,
): Promise<void> {
  const { description, facts, queue, admission, limits, tracer } = parts;
  const receiver = createPatientReceiver(receive, limits.idleTimeoutMs);
  const open = await receiver.next();
  if (open === undefined) return;
  if (open.type !== "open") throw invalidField("message", open.type, "must be open, as the first");
  const { settings, sequence, maxLength } = checkOpen(open, description, facts);
  const release = admission.admit(context.client, maxLength);
  const sessionId = `${parts.id}-${open.sessionId}-${numOpened++}`;
  const span = tracer.start("adaedl.v1.Verification/Verify", {
    parent: context.traceparent,
    kind: "server",
    attributes: { "rpc.system": "grpc", "adaedl.session_id": sessionId },
  });
  const awaitAnswer = () =>
    startProgress(
      () => queue.numForwards(sessionId),
      () => send({ type: "progress" }),
    );
  let failure: AdaedlError | undefined;
  try {
    const { client, deadlineMs } = context;
    const { nextRound } = open;
    const start = { sessionId, client, deadlineMs, settings, sequence, nextRound };
    const opening = receiver.untilCancel(context.signal);
    const placing = tracer.start("open session", { parent: span.traceparent, kind: "producer" });
    const { traceparent } = placing;
    const progress = awaitAnswer();
    const opened = await only(queue.submit({ type: "open", start, traceparent }, opening.signal))
      .catch((error) => {
        if (!opening.isCancelled) throw error;
        return undefined;
      })
      .finally(() => {
        progress.end();
        opening.end();
        placing.end();
      });
    if (opened === undefined) {
      await send({ type: "finished", reason: "cancelled", numRounds: 0, numForwards: 0 });
      return;
    }
    if (opened.type !== "opened") throw new AdaedlError("internal", "the session was not opened");
    parts.meter.onOpened(open.promptTokenIds.length, open.committedTokenIds.length);
    await send(opened);

    // What was allowed for the last round counts too: it may be asked once more.
    let allowed = [opened.maxDraftLength, limits.maxDraftLength];
    let committedLength = sequence.length;
    let numRounds = 0;
    let numForwards = opened.numForwards;
    const collector = createDraftCollector({
      numTokenIds: description.numTokenIds,
      contextLength: facts.contextLength,
      needsDistribution: settings.verification === "rejection",
      maxDraftLength: () => Math.max(...allowed),
    });

    async function answer(end: EndOfDraft): Promise<void> {
      const guesses = collector.finish(end);
      const { round, committedHash, numPlainTokens } = end;
      // Whether the round builds on the right text is for the worker to say, and comes first.
      if (end.committedLength === committedLength)
        checkRoom(committedLength + guesses.length + 1 + numPlainTokens, maxLength);
      const request = {
        sessionId,
        round,
        committedLength: end.committedLength,
        committedHash,
        guesses,
        numPlainTokens,
      };
      // A Cancel ends a plain run in the middle; anything else waits its turn.
      const run = numPlainTokens > 0 ? receiver.untilCancel(context.signal) : undefined;
      const signal = run?.signal ?? context.signal;
      const parent = end.traceparent ?? (isRoundTraced(round) ? span.traceparent : undefined);
      const traceparent = tracer.reserve(parent);
      const startedAt = performance.now();
      const progress = awaitAnswer();
      try {
        const job = { type: "round", request, traceparent } as const;
        for await (const verdict of queue.submit(job, signal)) {
          if (verdict.type !== "answer")
            throw new AdaedlError("internal", `expected a verdict, got ${verdict.type}`);
          // A repeated question is answered as it was, which takes nothing back, and counts once.
          if (verdict.committedLength > committedLength) {
            const numDrafted = verdict.round === round ? guesses.length : 0;
            parts.meter.onVerdict(numDrafted, verdict);
            committedLength = verdict.committedLength;
          }
          allowed = [verdict.maxDraftLength, allowed[0] ?? 0];
          numRounds++;
          numForwards++;
          progress.restart();
          await send({ ...verdict, type: "verdict" });
        }
      } catch (error) {
        if (!run?.isCancelled) throw error;
      } finally {
        progress.end();
        run?.end();
        const attributes = { "adaedl.round": round, "adaedl.num_drafted": guesses.length };
        const durationMs = performance.now() - startedAt;
        tracer.record("verify round", {
          ...{ parent, traceparent, kind: "producer", attributes, durationMs },
        });
      }
    }

    for (;;) {
      const isComplete = committedLength >= maxLength;
      const message = isComplete ? undefined : await receiver.next();
      if (message === undefined || message.type === "cancel") {
        const reason = isComplete ? "length" : "cancelled";
        await send({ type: "finished", reason, numRounds, numForwards });
        return;
      }
      if (message.type === "open")
        throw invalidField("message", "open", "must be the first message only");
      if (message.type === "draftToken") collector.add(message);
      else await answer(message);
    }
  } catch (thrown) {
    failure = AdaedlError.from(thrown);
    const { code, message } = failure;
    const isOurs = code === "internal" || code === "unavailable";
    const facts = { sessionId, client: context.client, code, error: message };
    parts.logger[isOurs ? "warn" : "debug"](facts, "session failed");
    throw thrown;
  } finally {
    queue.release(sessionId);
    release();
    span.end(failure);
  }
}

function checkRoom(length: number, maxLength: number): void {
  if (length <= maxLength) return;
  throw new AdaedlError(
    "out_of_range",
    `prompt, committed tokens, draft and plain tokens must be at most ${maxLength} tokens, got ${length}`,
    { field: "end_of_draft.num_plain_tokens", value: length },
  );
}

async function only(answers: AsyncIterable<TargetAnswer>): Promise<TargetAnswer> {
  for await (const answer of answers) return answer;
  throw new AdaedlError("internal", "the worker gave no answer");
}
