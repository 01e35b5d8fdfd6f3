import {
  AdaedlError,
  type Offer,
  Outbox,
  type TargetMessage,
  type VerifierSession,
} from "@adaedl/core";
import type { SessionCodec, SessionWorker } from "../session-host.ts";

/** A session's name begins with its client's: `client-…`. */
export interface CaseStart {
  readonly sessionId: string;
  /** Commits that come without an offer, as the reader takes them. */
  readonly numCommits?: number;
  /** 0 for a session whose target has nothing to send but on request; default: it always has. */
  readonly credit?: number;
}

export interface ScriptedTarget extends SessionWorker<CaseStart> {
  /** What happened: `open a-1`, `offer a-1 3`, … */
  readonly diary: string[];
  /** Sessions that have a place. */
  readonly sessions: ReadonlySet<string>;
  /** Commits that were made without an offer. */
  readonly numMade: number;
  completeForward(): void;
}

export const offerOf = (firstId: number): Offer => {
  return { firstId, nodes: [{ parent: 0, tokenId: firstId, chance: 1 }], credit: 1 };
};
export const commitOf = (position: number): TargetMessage => {
  const facts = { queueMs: 0, verifyMs: 1, batchSize: 1, logprobs: [], topLogprobs: [] };
  const commit = { position, tokenIds: [position], numJudged: 0, numAccepted: 0 };
  return { type: "commit", commit, facts };
};
const opened: TargetMessage = { type: "opened", queueMs: 0, verifyMs: 1, numForwards: 1 };

/**
 * Answers each offer with a commit at its first id, and a cancel with `finished`. An offer from id 66_666 fails the session.
 */
export function createScriptedTarget(
  numPlaces = 8,
  canMakeRoom: (client: string) => boolean = () => false,
): ScriptedTarget {
  const diary: string[] = [];
  const sessions = new Map<string, VerifierSession>();
  let numForwards = 0;
  let numMade = 0;

  function open({ sessionId, numCommits = 0 }: CaseStart): VerifierSession {
    const outbox = new Outbox<TargetMessage>();
    const [oldest] = sessions.values();
    if (sessions.size >= numPlaces && canMakeRoom(clientOf(sessionId))) oldest?.close();
    if (sessions.size >= numPlaces)
      throw new AdaedlError("resource_exhausted", `${numPlaces} sessions are at work`);
    diary.push(`open ${sessionId}`);
    async function* read(): AsyncGenerator<TargetMessage> {
      yield opened;
      for (let position = 0; position < numCommits; position++) {
        numMade++;
        yield commitOf(position);
      }
      yield* outbox;
    }
    const session: VerifierSession = {
      offer(offer) {
        diary.push(`offer ${sessionId} ${offer.firstId}`);
        if (offer.firstId === 66_666) outbox.end(new AdaedlError("internal", "the target broke"));
        else outbox.push(commitOf(offer.firstId));
      },
      cancel() {
        diary.push(`cancel ${sessionId}`);
        outbox.push({ type: "finished", reason: "cancelled" });
        outbox.end();
      },
      messages: read(),
      close() {
        if (sessions.get(sessionId) !== session) return;
        sessions.delete(sessionId);
        diary.push(`close ${sessionId}`);
        outbox.end(new AdaedlError("not_found", `session ${sessionId} was closed`));
      },
    };
    sessions.set(sessionId, session);
    return session;
  }

  return {
    open,
    diary,
    get sessions() {
      return new Set(sessions.keys());
    },
    get numMade() {
      return numMade;
    },
    get numForwards() {
      return numForwards;
    },
    get numFree() {
      return numPlaces - sessions.size;
    },
    canMakeRoom,
    completeForward() {
      numForwards++;
    },
  };
}

const clientOf = (sessionId: string) => sessionId.split("-")[0] ?? "";

function decode<T>(text: string): T {
  const decoded: unknown = JSON.parse(text);
  if (typeof (decoded as { type?: unknown })?.type === "string") return decoded as T;
  throw new AdaedlError("invalid_argument", "type must be there");
}

/** An offer from id 77_777 is encoded to nonsense, and so is a commit at 88_888. */
export const caseSessionCodec: SessionCodec<CaseStart> = {
  routeOf: ({ sessionId, credit = Number.POSITIVE_INFINITY }) => {
    return { sessionId, client: clientOf(sessionId), length: 0, credit };
  },
  encodeStart: (start) => JSON.stringify(start),
  decodeStart(text) {
    const start = JSON.parse(text) as CaseStart;
    if (typeof start?.sessionId === "string") return start;
    throw new AdaedlError("invalid_argument", "sessionId must be there");
  },
  encodeUp: (message) =>
    message.type === "offer" && message.offer.firstId === 77_777 ? "{}" : JSON.stringify(message),
  decodeUp: decode,
  encodeDown: (message) =>
    message.type === "commit" && message.commit.position === 88_888
      ? "{}"
      : JSON.stringify(message),
  decodeDown: decode,
};
