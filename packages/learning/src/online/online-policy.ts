/**
 * When a draft learns from what it served, and when it takes that back: a pure reducer. One job runs at a time, only while no
 * request does: a request that begins interrupts it, and it starts anew in the next pause.
 *
 * Each text is first compared, then learnt from, once: so its gain is what the live draft owes to earlier texts alone.
 */
export interface OnlineState<Text> {
  readonly numRunning: number;
  /** Not learnt from, the oldest first; at most `maxWaiting`. */
  readonly waiting: readonly Text[];
  /** Match probability of the live draft minus the frozen one's, of each of the latest texts; at most `guardWindow`. */
  readonly gains: readonly number[];
  /** What is to be done, or is being done. */
  readonly job: OnlineJob<Text> | undefined;
  readonly isJobRunning: boolean;
  /** A job failed: the draft stays as it is. */
  readonly hasFailed: boolean;
}

export type OnlineJob<Text> =
  | { readonly type: "compare"; readonly texts: readonly Text[] }
  | { readonly type: "learn"; readonly texts: readonly Text[] }
  | { readonly type: "publish" }
  | { readonly type: "rollBack" };

export type OnlineEvent<Text> =
  | { readonly type: "requestBegan" }
  /** @property text absent where nothing of it was judged */
  | { readonly type: "requestEnded"; readonly text?: Text | undefined }
  /** The job is done. @property gains of `compare`, one for each text */
  | { readonly type: "done"; readonly gains?: readonly number[] | undefined }
  /** The job ended because it was interrupted. */
  | { readonly type: "interrupted" }
  | { readonly type: "failed" };

export type OnlineEffect<Text> =
  | { readonly type: "start"; readonly job: OnlineJob<Text> }
  | { readonly type: "interrupt" };

/** Texts of one step. */
export const textsPerStep = 8;
/** A service that never pauses keeps the latest. */
export const maxWaiting = 64;
/** Texts over which the live draft has to be as good as the frozen one. */
export const guardWindow = 64;

export function newOnlineState<Text>(): OnlineState<Text> {
  return {
    ...{ numRunning: 0, waiting: [], gains: [], job: undefined },
    ...{ isJobRunning: false, hasFailed: false },
  };
}

export function reduceOnline<Text>(
  state: OnlineState<Text>,
  event: OnlineEvent<Text>,
): readonly [OnlineState<Text>, OnlineEffect<Text>[]] {
  const next = afterEvent(state, event);
  if (next.hasFailed) return [next, []];
  const isInterrupted = event.type === "requestBegan" && next.isJobRunning;
  // A roll-back goes on: the draft is bad until it is done.
  if (isInterrupted && next.job?.type !== "rollBack") return [next, [{ type: "interrupt" }]];
  return startIfIdle(next);
}

function afterEvent<Text>(state: OnlineState<Text>, event: OnlineEvent<Text>): OnlineState<Text> {
  switch (event.type) {
    case "requestBegan":
      return { ...state, numRunning: state.numRunning + 1 };
    case "requestEnded": {
      const { text } = event;
      const isKept = text !== undefined && !state.hasFailed;
      const waiting = isKept ? [...state.waiting, text].slice(-maxWaiting) : state.waiting;
      return { ...state, numRunning: state.numRunning - 1, waiting };
    }
    case "interrupted":
      return { ...state, isJobRunning: false };
    case "failed":
      return { ...state, waiting: [], job: undefined, isJobRunning: false, hasFailed: true };
    case "done":
      return afterJob({ ...state, isJobRunning: false }, event.gains ?? []);
  }
}

function afterJob<Text>(state: OnlineState<Text>, measured: readonly number[]): OnlineState<Text> {
  const { job } = state;
  switch (job?.type) {
    case "compare": {
      const gains = [...state.gains, ...measured].slice(-guardWindow);
      if (isWorse(gains)) return { ...state, gains, job: { type: "rollBack" } };
      return { ...state, gains, job: { type: "learn", texts: job.texts } };
    }
    case "learn":
      return { ...state, job: { type: "publish" } };
    case "rollBack":
      return { ...state, gains: [], job: undefined };
    default:
      return { ...state, job: undefined };
  }
}

function startIfIdle<Text>(
  state: OnlineState<Text>,
): readonly [OnlineState<Text>, OnlineEffect<Text>[]] {
  const { numRunning, waiting, isJobRunning } = state;
  if (numRunning > 0 || isJobRunning) return [state, []];
  if (state.job !== undefined)
    return [{ ...state, isJobRunning: true }, [{ type: "start", job: state.job }]];
  if (waiting.length < textsPerStep) return [state, []];
  const job = { type: "compare", texts: waiting.slice(0, textsPerStep) } as const;
  const started = { ...state, waiting: waiting.slice(textsPerStep), job, isJobRunning: true };
  return [started, [{ type: "start", job }]];
}

/**
 * Whether the live draft matches less often than the frozen one: over a full window in the mean, over fewer texts by more
 * than two standard errors, so that a draft that is broken does not serve a whole window.
 */
export function isWorse(gains: readonly number[]): boolean {
  const { length } = gains;
  if (length < textsPerStep) return false;
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / length;
  const variance = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / (length - 1);
  const slack = length < guardWindow ? 2 * Math.sqrt(variance / length) : 0;
  return mean + slack < 0;
}
