import { setImmediate as nextTurn } from "node:timers/promises";
import { AdaedlError } from "../errors.ts";
import { Outbox } from "../outbox.ts";
import type { Offer } from "../stream/messages.ts";
import type { Drafter, ModelPlace, TargetMessage, VerifierSession } from "../stream/ports.ts";
import type { TargetFinish } from "../stream/target-events.ts";
import { TargetStream } from "../stream/target-stream.ts";
import type { Verifier } from "./output-events.ts";

export const numTokenIds = 100;
/** Each token of the text the scripted target writes, whatever is offered. */
export const tokenAt = (position: number) => 10 + (position % 80);
export const facts = { queueMs: 1, verifyMs: 20, batchSize: 1, logprobs: [], topLogprobs: [] };

export interface ScriptedTarget extends Verifier {
  readonly offers: readonly Offer[];
  /** Sessions opened: length of the text, credit, and why. */
  readonly opened: readonly { length: number; credit: number; why: string | undefined }[];
  readonly numClosed: number;
  readonly finishes: readonly TargetFinish[];
}

export interface TargetScript {
  readonly maxLength?: number;
  readonly endTokenIds?: ReadonlySet<number>;
  /** Commits after which a session fails, by the number of the session. */
  readonly failsAfter?: readonly number[];
  /** What is sent instead of a commit. */
  readonly lie?: (message: TargetMessage, numSessions: number) => TargetMessage;
}

/** A draft forward takes one turn of the event loop. */
const turnsPerForward = 4;

/** A target whose forwards begin whenever it has credit. */
export function createScriptedTarget(script: TargetScript = {}): ScriptedTarget {
  const { maxLength = 1000, endTokenIds = new Set(), failsAfter = [] } = script;
  const seen = {
    offers: [] as Offer[],
    opened: [] as { length: number; credit: number; why: string | undefined }[],
    closed: 0,
    finishes: [] as TargetFinish[],
  };

  function open(tokenIds: readonly number[], credit: number): VerifierSession {
    const stream = new TargetStream({ tokenIds, credit, maxLength, endTokenIds, numTokenIds });
    const messages = new Outbox<TargetMessage>();
    const numCommits = failsAfter[seen.opened.length - 1] ?? Number.POSITIVE_INFINITY;
    let numLeft = numCommits;
    let isStepping = false;
    let isClosed = false;
    messages.push({ type: "opened", queueMs: 0, verifyMs: 0, numForwards: 1 });

    async function step(): Promise<void> {
      if (isStepping) return;
      isStepping = true;
      await nextTurn();
      while (stream.canStep && !isClosed) {
        const plan = stream.plan({ leastChance: 0, maxDraftLength: 64 });
        const draftTokenIds = plan.map(({ tokenId }) => tokenId);
        stream.apply({ type: "stepBegun", draftTokenIds });
        for (let turn = 0; turn < turnsPerForward; turn++) await nextTurn();
        const { length } = stream.text;
        let numAccepted = 0;
        while (draftTokenIds[numAccepted] === tokenAt(length + numAccepted)) numAccepted++;
        const nextTokenId = tokenAt(length + numAccepted);
        const effects = stream.apply({ type: "stepDone", numAccepted, nextTokenId });
        stream.checkIntegrity();
        if (numLeft-- === 0) messages.end(new AdaedlError("unavailable", "the target broke"));
        for (const effect of effects) {
          if (effect.type === "finished") seen.finishes.push(effect.reason);
          const message = effect.type === "commit" ? { ...effect, facts } : effect;
          messages.push(script.lie?.(message, seen.opened.length) ?? message);
        }
      }
      if (stream.isFinished) messages.end();
      isStepping = false;
    }

    void step();
    return {
      offer(offer) {
        seen.offers.push(offer);
        stream.apply({ type: "offer", offer });
        void step();
      },
      cancel() {
        for (const effect of stream.apply({ type: "cancel" })) {
          if (effect.type === "finished") seen.finishes.push(effect.reason);
        }
        messages.end();
      },
      messages,
      close() {
        if (!isClosed) seen.closed++;
        isClosed = true;
        messages.end();
      },
    };
  }

  return {
    offers: seen.offers,
    opened: seen.opened,
    get numClosed() {
      return seen.closed;
    },
    finishes: seen.finishes,
    async open(text, credit, why) {
      seen.opened.push({ length: text.length, credit, why: why?.message });
      return open([...text.tokenIds], credit);
    },
  };
}

/** A place whose candidates are these, the best first. */
export function placeOf(...tokenIds: readonly number[]): ModelPlace {
  const candidates = tokenIds.map((tokenId, rank) => ({
    tokenId,
    prob: 0.8 * 0.2 ** rank,
    behind: rank,
  }));
  return { entropy: 0.1, topProb: 0.8, candidates };
}

export interface ScriptedDrafter extends Drafter {
  /** Each draft forward: length of the text and the paths. */
  readonly asked: readonly { length: number; paths: readonly (readonly number[])[] }[];
}

/**
 * @param placeAt what it knows of a place, by its position and the token before it; null is its context's
 *   end, an Error is thrown
 */
export function createScriptedDrafter(
  placeAt: (position: number) => ModelPlace | Error | null,
  onForward?: () => void,
): ScriptedDrafter {
  const asked: { length: number; paths: readonly (readonly number[])[] }[] = [];
  return {
    asked,
    async propose(_, length, paths) {
      asked.push({ length, paths });
      onForward?.();
      await nextTurn();
      const places: ModelPlace[] = [];
      for (const path of paths) {
        const place = placeAt(length + path.length);
        if (place instanceof Error) throw place;
        if (place === null) return { obstacle: "draft_context" };
        places.push(place);
      }
      return { places };
    },
    async [Symbol.asyncDispose]() {},
  };
}
