/**
 * What stands between those who accept sessions (ingress) and those who run the target (workers).
 * A job is answered by a stream of answers: one for a round, one a token for a plain run.
 */
export interface RoundQueue<Job, Answer> {
  /** Jobs that were submitted and have not ended. */
  readonly numQueued: number;
  /**
   * Puts a job into the queue; its answers come as they are made, no faster than they are taken.
   * Ending the iteration or aborting the signal takes the job out, or ends it where it runs.
   * @throws AdaedlError `resource_exhausted` at once when the queue is full, `unavailable` when it
   *   is closed, and what the worker threw
   */
  submit(job: Job, signal?: AbortSignal): AsyncGenerator<Answer>;
  /** Refuses new jobs; those that wait fail with `unavailable`, those that run go on. */
  close(): void;
}

/** Runs a job. */
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
