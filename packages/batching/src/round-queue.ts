/**
 * What stands between those who accept sessions (ingress) and those who run the target (workers).
 * A job is answered by a stream of answers: one for a round, one a token for a plain run.
 */
export interface RoundQueue<Job, Answer> {
  /** Jobs that were submitted and have not ended. */
  readonly numQueued: number;
  /**
   * Puts a job into the queue; its answers come as they are made, hardly faster than they are taken.
   * Ending the iteration or aborting the signal takes the job out, or ends it where it runs.
   * @throws AdaedlError `resource_exhausted` at once when the queue is full, `unavailable` when it is
   *   closed or cannot be reached, `not_found` when the session is nowhere (any more), and what the
   *   worker threw
   */
  submit(job: Job, signal?: AbortSignal): AsyncGenerator<Answer>;
  /**
   * Forwards completed for a session that waits: by the worker that has it, otherwise by all that could
   * take it. While the number changes, the model is alive and the session comes closer to its turn.
   */
  numForwards(sessionId: string): number;
  /** The session is over: whoever has it frees its place. Nothing happens when nobody has. */
  release(sessionId: string): void;
  /** Refuses new jobs; those that wait fail with `unavailable`, those that run go on. */
  close(): void;
}

/** Who runs the jobs. */
export interface RoundWorker<Job, Answer> {
  run: JobHandler<Job, Answer>;
  /** Forwards that its model has completed. */
  readonly numForwards: number;
  release(sessionId: string): void;
}

export type JobHandler<Job, Answer> = (
  job: Job,
  signal: AbortSignal | undefined,
) => AsyncIterable<Answer>;

export interface QueueLimits {
  /** Jobs in the queue, those that run included. */
  readonly maxQueued: number;
  /** Jobs that run at a time. */
  readonly maxRunning: number;
}

/** What a queue between processes has to know of a job. */
export interface JobRoute {
  readonly sessionId: string;
  /** Whether it opens the session, wherever there is a place; any other goes where the session is. */
  readonly opens: boolean;
  /** Places are given in turn to the clients that wait for one. */
  readonly client: string;
}

/** How jobs and answers cross from one process to another, as plain values that JSON can hold. */
export interface IngressCodec<Job, Answer> {
  routeOf(job: Job): JobRoute;
  encodeJob(job: Job): unknown;
  /** @throws AdaedlError `invalid_argument`: whoever reaches Redis can send anything */
  decodeAnswer(plain: unknown): Answer;
}

/** The other end of it. */
export interface WorkerCodec<Job, Answer> {
  /** @throws AdaedlError `invalid_argument` naming the field */
  decodeJob(plain: unknown): Job;
  encodeAnswer(answer: Answer): unknown;
}
