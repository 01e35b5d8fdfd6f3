import type { IngressCodec, RoundWorker, WorkerCodec } from "@adaedl/batching";

/** A round as large as real ones, about nothing. */
export interface EchoRound {
  readonly sessionId: string;
  readonly opens: boolean;
  readonly round: number;
  readonly committedHash: string;
  readonly guesses: readonly {
    readonly tokenId: number;
    readonly position: number;
    readonly entropy: number;
  }[];
}

/** Its verdict, as large as real ones. */
export interface EchoVerdict {
  readonly round: number;
  readonly numAccepted: number;
  readonly nextTokenId: number;
  readonly committedLength: number;
  readonly queueMs: number;
  readonly verifyMs: number;
}

export function echoRound(sessionId: string, round: number, opens = false): EchoRound {
  const guesses = Array.from({ length: 5 }, (_, index) => {
    return { tokenId: 1000 + index, position: round + index, entropy: 1 / (round + index + 3) };
  });
  return { sessionId, opens, round, committedHash: "f".repeat(16), guesses };
}

/** A worker that answers at once: what is measured is the way. */
export const echoWorker: RoundWorker<EchoRound, EchoVerdict> = {
  async *run({ round, guesses }) {
    const [numAccepted, nextTokenId] = [guesses.length, guesses[0]?.tokenId ?? 0];
    yield { round, numAccepted, nextTokenId, committedLength: round, queueMs: 0, verifyMs: 0 };
  },
  numForwards: 0,
  release() {},
};

export const echoCodec: IngressCodec<EchoRound, EchoVerdict> & WorkerCodec<EchoRound, EchoVerdict> =
  {
    routeOf: ({ sessionId, opens }) => ({ sessionId, opens, client: "bench" }),
    encodeJob: (round) => round,
    decodeJob: (plain) => plain as EchoRound,
    encodeAnswer: (verdict) => verdict,
    decodeAnswer: (plain) => plain as EchoVerdict,
  };
