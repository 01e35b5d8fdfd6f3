import type { AdaedlError } from "@adaedl/core";

/** Answers of one job that came in and were not taken. A worker makes only so many in advance. */
export interface AnswerInbox<Answer> {
  /** Answers that came in so far. */
  readonly numReceived: number;
  /** Ended or failed. */
  readonly isOver: boolean;
  readonly isEnded: boolean;
  put(answer: Answer): void;
  /** Every answer came in. */
  end(): void;
  /** What came in before can still be taken. */
  fail(error: AdaedlError): void;
  /** The next answer; undefined at the end. @throws AdaedlError what it failed with */
  take(): Promise<Answer | undefined>;
}

export function createAnswerInbox<Answer>(): AnswerInbox<Answer> {
  const answers: Answer[] = [];
  let numReceived = 0;
  let isEnded = false;
  let failure: AdaedlError | undefined;
  let wake: () => void = () => {};
  const isOver = () => isEnded || failure !== undefined;

  return {
    get numReceived() {
      return numReceived;
    },
    get isOver() {
      return isOver();
    },
    get isEnded() {
      return isEnded;
    },
    put(answer) {
      if (isOver()) return;
      numReceived++;
      answers.push(answer);
      wake();
    },
    end() {
      isEnded ||= failure === undefined;
      wake();
    },
    fail(error) {
      if (!isOver()) failure = error;
      wake();
    },
    async take() {
      while (answers.length === 0 && !isOver())
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      const answer = answers.shift();
      if (answer === undefined && failure !== undefined) throw failure;
      return answer;
    },
  };
}
