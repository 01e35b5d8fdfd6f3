import type { AdaedlError } from "@adaedl/core";

/** A queue with one reader: what was received and not taken yet. The sender bounds it. */
export interface Inbox<Item> {
  /** Ended or failed. */
  readonly isOver: boolean;
  put(item: Item): void;
  /** All items were received. */
  end(): void;
  /** Items received before can still be taken. */
  fail(error: AdaedlError): void;
  /** The next item; undefined at the end. @throws AdaedlError what it failed with */
  take(): Promise<Item | undefined>;
}

export function createInbox<Item>(): Inbox<Item> {
  const items: Item[] = [];
  let isEnded = false;
  let failure: AdaedlError | undefined;
  let wake: () => void = () => {};
  const isOver = () => isEnded || failure !== undefined;

  return {
    get isOver() {
      return isOver();
    },
    put(item) {
      if (isOver()) return;
      items.push(item);
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
      while (items.length === 0 && !isOver())
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      const item = items.shift();
      if (item === undefined && failure !== undefined) throw failure;
      return item;
    },
  };
}
