import type { GuessEvidence } from "../stopping/policy.ts";
import type { Judgement } from "../verification/rule.ts";
import { verdictOf } from "../verification/verdict.ts";
import type { CommittedToken, DecodeFinished } from "./decode.ts";
import type { Drafter, Round, TextStream, Verifier } from "./ports.ts";

/** A clock that moves only when told to. */
export interface ScriptedClock {
  now(): number;
  advance(ms: number): void;
}

export function createScriptedClock(): ScriptedClock {
  let time = 1000;
  return {
    now: () => time,
    advance(ms) {
      time += ms;
    },
  };
}

export interface ScriptedDrafter extends Drafter {
  /** Iterations begun and iterations ended, by whichever side. */
  readonly numOpened: number;
  readonly numClosed: number;
  /** Guesses handed out. */
  readonly numPulled: number;
  readonly signals: readonly (AbortSignal | undefined)[];
}

/** What a scripted drafter says about a guess. */
export function scriptedEvidence(tokenId: number): GuessEvidence {
  const probability = Math.exp(-tokenId / 1000);
  return { entropy: tokenId / 1000, topProb: probability, guessProb: probability, margin: tokenId };
}

/**
 * Guesses what `script` says about the round, `null` standing for an error, and ends where it ends.
 * The entropy of a guess is a thousandth of its token id, and its probability e to minus that.
 */
export function createScriptedDrafter(
  script: (round: Round) => readonly (number | null)[],
  clock?: { readonly advance: (ms: number) => void; readonly ms: number },
): ScriptedDrafter {
  const seen = { opened: 0, closed: 0, pulled: 0, signals: [] as (AbortSignal | undefined)[] };
  return {
    get numOpened() {
      return seen.opened;
    },
    get numClosed() {
      return seen.closed;
    },
    get numPulled() {
      return seen.pulled;
    },
    signals: seen.signals,
    async *draft(round, signal) {
      seen.opened++;
      seen.signals.push(signal);
      let position = round.text.length;
      try {
        for (const tokenId of script(round)) {
          clock?.advance(clock.ms);
          if (tokenId === null) throw new Error("the draft model broke");
          seen.pulled++;
          yield { tokenId, position: position++, ...scriptedEvidence(tokenId) };
        }
      } finally {
        seen.closed++;
      }
    },
  };
}

export interface ScriptedVerifier extends Verifier {
  /** Of each round: its number, the length of its text and the guesses that came. */
  readonly rounds: readonly { number: number; length: number; guesses: readonly number[] }[];
  readonly signals: readonly (AbortSignal | undefined)[];
}

/** A target whose output is `text`, over and over again: accepts a guess that equals it. */
export function createTextVerifier(
  text: readonly number[],
  clock?: { readonly advance: (ms: number) => void; readonly ms: number },
): ScriptedVerifier {
  const rounds: { number: number; length: number; guesses: readonly number[] }[] = [];
  const signals: (AbortSignal | undefined)[] = [];
  return {
    rounds,
    signals,
    async verify(round, draft, signal) {
      signals.push(signal);
      const length = round.text.length;
      const guesses: number[] = [];
      for await (const { tokenId } of draft) guesses.push(tokenId);
      clock?.advance(clock.ms);
      rounds.push({ number: round.number, length, guesses });
      const start = length - round.numPromptTokens;
      const judgements = [...guesses, undefined].map((guess, index): Judgement => {
        const tokenId = text[(start + index) % text.length] as number;
        return { tokenId, isAccepted: guess === tokenId };
      });
      return verdictOf(judgements);
    },
  };
}

/**
 * Text of token `id` is `pieces[id]`; a piece that ends in "~" is half a character, which comes out
 * with the next token or at the end.
 */
export function createPieceStream(pieces: readonly string[]): TextStream {
  let half = "";
  return {
    push(tokenId) {
      const text = half + (pieces[tokenId] as string);
      half = text.endsWith("~") ? text : "";
      return half === "" ? text : "";
    },
    flush() {
      const rest = half;
      half = "";
      return rest;
    },
  };
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** What a user gets to see of an output. */
export interface Output {
  readonly tokenIds: readonly number[];
  readonly text: string;
  readonly finishReason: string | undefined;
}

export function outputOf(events: readonly (CommittedToken | DecodeFinished)[]): Output {
  const tokens = events.filter((event) => event.type === "token");
  const finished = events.find((event) => event.type === "finished");
  return {
    tokenIds: tokens.map(({ tokenId }) => tokenId),
    text: tokens.map(({ text }) => text).join(""),
    finishReason: finished?.finishReason,
  };
}
