import type { Chunk, DraftToken, Frontier, RequestDetails, Speculation } from "../api/wire.ts";
import {
  addCommit,
  addFrontier,
  addToken,
  noTotals,
  type ToldOrigin,
  type Totals,
  toldOrigin,
} from "./totals.ts";

/** What one chunk added to the text. */
export interface Piece {
  /** What became certain; empty while a character or a stop string is incomplete. */
  readonly text: string;
  /** Null for text that came without details. */
  readonly token: PieceToken | null;
  /** Of the piece that stands in their place: the draft tokens that were rejected. */
  readonly rejected: readonly DraftToken[];
}

/** The token of a piece, and the commit that brought it. */
export interface PieceToken {
  readonly id: number;
  readonly text: string;
  readonly origin: ToldOrigin;
  /** What had drafted it. */
  readonly drafters?: readonly string[];
  readonly entropy: number | null;
  /** Counted from 1, as people do. */
  readonly commitNumber: number;
}

/** Where a run stands. `sent`: nothing has come back yet. */
export type Phase = "idle" | "sent" | "streaming" | "finished" | "stopped" | "failed";

/** All that is known of one run. Pieces are only ever appended to. */
export interface RunState {
  readonly phase: Phase;
  /** The text as far as it is certain; all of it, also where pieces are no longer kept. */
  readonly text: string;
  readonly pieces: readonly Piece[];
  /** Draft tokens in flight; gone with the end, but kept where the run was stopped. */
  readonly frontier: Frontier;
  readonly totals: Totals;
  readonly startedMs: number;
  /** When something last happened. */
  readonly nowMs: number;
  readonly request: RequestDetails | undefined;
  readonly speculation: Speculation | undefined;
  readonly finishReason: string | undefined;
  readonly error: string | undefined;
}

/** What can happen to a run; `atMs` on a clock that never goes back. */
export type RunEvent =
  | { readonly type: "started" | "finished" | "stopped"; readonly atMs: number }
  | { readonly type: "failed"; readonly message: string; readonly atMs: number }
  | { readonly type: "chunk"; readonly chunk: Chunk; readonly atMs: number };

/** Tokens beyond this are counted, but not kept: the page stays quick. */
export const mostKept = 4000;

const noFrontier: Frontier = { distance: 0, places: [] };

/** Before anything was run. */
export const idleRun: RunState = {
  phase: "idle",
  text: "",
  pieces: [],
  frontier: noFrontier,
  totals: noTotals,
  startedMs: 0,
  nowMs: 0,
  request: undefined,
  speculation: undefined,
  finishReason: undefined,
  error: undefined,
};

/** The run after `event`. */
export function nextRunState(state: RunState, event: RunEvent): RunState {
  const { atMs } = event;
  switch (event.type) {
    case "started":
      return { ...idleRun, phase: "sent", startedMs: atMs, nowMs: atMs };
    case "chunk":
      return withChunk({ ...state, phase: "streaming", nowMs: atMs }, event.chunk);
    case "failed":
      return { ...state, phase: "failed", error: event.message, nowMs: atMs, frontier: noFrontier };
    case "finished":
      return { ...state, phase: "finished", nowMs: atMs, frontier: noFrontier };
    default:
      return { ...state, phase: "stopped", nowMs: atMs };
  }
}

/** Whether a run goes on. */
export function isRunning({ phase }: RunState): boolean {
  return phase === "sent" || phase === "streaming";
}

function withChunk(state: RunState, { choices, adaedl, speculation }: Chunk): RunState {
  const choice = choices?.[0];
  const text = choice?.text ?? choice?.delta?.content ?? "";
  const { commit, frontier, token } = adaedl ?? {};
  let { totals } = state;
  if (commit !== undefined) totals = addCommit(totals, commit);
  if (token !== undefined) totals = addToken(totals, toldOrigin(token));
  if (frontier !== undefined) totals = addFrontier(totals, frontier);
  const piece: Piece =
    token === undefined
      ? { text, token: null, rejected: [] }
      : {
          text,
          token: { ...token, origin: toldOrigin(token), commitNumber: totals.numCommits },
          // The target's own token stands where the first rejected draft token stood.
          rejected: token.origin === "recovered" ? totals.rejected : [],
        };
  const isEmpty = token === undefined && text === "";
  return {
    ...state,
    text: state.text + text,
    pieces: isEmpty ? state.pieces : appended(state.pieces, piece),
    frontier: frontier ?? state.frontier,
    totals,
    request: adaedl?.request ?? state.request,
    speculation: speculation ?? state.speculation,
    finishReason: choice?.finish_reason ?? state.finishReason,
  };
}

function appended<T>(list: readonly T[], item: T): readonly T[] {
  return list.length < mostKept ? [...list, item] : list;
}
