import { defaultSamplingParams, Outbox, type TargetMessage, type Verifier } from "@adaedl/core";
import type { TargetEngine } from "@adaedl/engine";
import type { VirtualClock } from "../policies/virtual-clock.ts";
import { nextStep } from "./taped-thread.ts";

/** A text as `createTapedThread` knows it. */
export interface DistantText {
  readonly sessionId: string;
  /** Its number. */
  readonly seed: number;
  readonly maxLength: number;
}

/** The engine at the other end of a network, for one text. */
export function distantVerifier(
  engine: TargetEngine,
  clock: VirtualClock,
  rttMs: number,
  { sessionId, seed, maxLength }: DistantText,
): Verifier {
  const arrive = (run: () => void) => clock.after(rttMs / 2, run);
  return {
    async open(text, credit, why, signal) {
      if (why !== undefined) throw why;
      const tokenIds = [...text.tokenIds];
      const sampling = defaultSamplingParams;
      const settings = {
        ...{ seed, sampling, numPromptTokens: tokenIds.length },
        verification: "shared-noise" as const,
      };
      const start = {
        ...{ sessionId, client: sessionId, settings, tokenIds, credit, maxLength },
        endTokenIds: new Set<number>(),
      };
      const messages = new Outbox<TargetMessage>();
      let session: ReturnType<TargetEngine["open"]> | undefined;
      const toEngine = (act: () => void) =>
        arrive(() => {
          act();
          nextStep(clock);
        });
      async function send(from: AsyncIterable<TargetMessage>): Promise<void> {
        try {
          for await (const message of from) arrive(() => messages.push(message));
          arrive(() => messages.end());
        } catch (error) {
          arrive(() => messages.end(error));
        }
      }
      toEngine(() => {
        session = engine.open(start, signal);
        void send(session.messages);
      });
      return {
        offer: (offer) => toEngine(() => session?.offer(offer)),
        cancel: () => toEngine(() => session?.cancel()),
        messages,
        close: () => toEngine(() => session?.close()),
      };
    },
  };
}
