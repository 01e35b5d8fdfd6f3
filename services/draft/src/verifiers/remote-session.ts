import { AdaedlError, type TargetMessage, type Text, type VerifierSession } from "@adaedl/core";
import { type Open, toVerifierSession, type VerificationClient } from "@adaedl/protocol";
import { noTracer } from "@adaedl/telemetry";
import type { RemoteOptions } from "./remote-verifier.ts";

/** One session at one verifier. */
export interface RemoteSessionOptions
  extends Pick<
    RemoteOptions,
    "openMs" | "roundMs" | "onStray" | "tracer" | "traceparent" | "traffic"
  > {
  /** Until when the text is of use, as `Date.now()` counts. */
  readonly deadline: number;
  /** Token ids are below this. */
  readonly numTokenIds: number;
  /** The target was at work: anything new but the end came from there. */
  onWork(): void;
  /** @param numerics of the target that computed the prefix */
  onOpened(numerics: string): void;
  /** The text grew by this session: what the verifier sent and was nonsense does not count. */
  onGrowth(): void;
}

/**
 * Opens a stream with the text as it is. Its span is recorded when it ends.
 * @throws AdaedlError `invalid_argument` for a bearer token that cannot be sent
 */
export function openRemoteSession(
  verifier: VerificationClient,
  open: Open,
  text: Text,
  options: RemoteSessionOptions,
  signal: AbortSignal,
): VerifierSession {
  const { tracer = noTracer, traceparent: parent, openMs, roundMs } = options;
  const { onWork, onOpened, onGrowth, onStray } = options;
  const { length } = text;
  const beganAt = performance.now();
  const traceparent = tracer.reserve(parent);
  const stream = verifier.openStream(open, { ...options, traceparent });
  const session = toVerifierSession(stream, {
    ...{ length, credit: open.credit, openMs, roundMs, signal },
    onResponse({ type }, isStray) {
      if (isStray) onStray?.();
      else if (type !== "finished") onWork();
    },
  });

  let hasGrown = false;
  function noteGrowth(): void {
    if (hasGrown || text.length === length) return;
    hasGrown = true;
    onGrowth();
  }

  async function* receiveAll(): AsyncGenerator<TargetMessage> {
    let error: AdaedlError | undefined;
    try {
      for await (const message of session.messages) {
        if (message.type === "opened") onOpened(message.numerics ?? "");
        yield withSoundLogprobs(message, open, options);
        noteGrowth();
      }
    } catch (thrown) {
      error = AdaedlError.from(thrown);
      throw thrown;
    } finally {
      noteGrowth();
      tracer.record("adaedl.v2.Verification/Verify", {
        ...{ parent, traceparent, kind: "client", error },
        attributes: { "rpc.system": "grpc", "server.address": verifier.address },
        durationMs: performance.now() - beganAt,
      });
    }
  }
  return { ...session, messages: receiveAll() };
}

/** Log-probabilities as they were asked for; none that were not, and no lists that cannot be right. */
function withSoundLogprobs(
  message: TargetMessage,
  { wantsLogprobs, numTopLogprobs }: Open,
  { numTokenIds }: RemoteSessionOptions,
): TargetMessage {
  if (message.type !== "commit") return message;
  const { logprobs, topLogprobs } = message.facts;
  const isSound =
    numTopLogprobs > 0 &&
    topLogprobs.every(
      (top) => top.length <= numTopLogprobs && top.every(({ tokenId }) => tokenId < numTokenIds),
    );
  const facts = {
    ...message.facts,
    logprobs: wantsLogprobs ? logprobs : [],
    topLogprobs: isSound ? topLogprobs : [],
  };
  return { ...message, facts };
}
