import { setTimeout as sleep } from "node:timers/promises";
import { openGenerationClient } from "@adaedl/protocol";
import { expect } from "vitest";
import { numRequests, requestNumber, type UndisturbedText } from "../faults/disturbed.ts";

/** Sessions that write one text after the other, until they are told to stop. */
export interface Load {
  /** Resolves once every session has its first token. */
  readonly begun: Promise<unknown>;
  readonly numFinished: number;
  /** Resolves once every session has finished another text. */
  goOn(): Promise<void>;
  /** The texts that are being written are finished; every one has to be what it would have been. */
  stop(): Promise<LoadResult>;
}

export interface LoadResult {
  readonly numTexts: number;
  readonly numReopened: number;
  /** The longest time without a token of each text that was disturbed, in milliseconds; sorted. */
  readonly pausesMs: readonly number[];
}

/**
 * Keeps sessions at work on draft services.
 * @param undisturbed what each request gives when nothing happens
 * @param isAllowed failures that are no failure of the test, such as those while Redis is away
 */
export function startLoad(
  addresses: readonly string[],
  undisturbed: readonly UndisturbedText[],
  numSessions: number,
  isAllowed: (error: Error) => boolean = () => false,
): Load {
  let isStopped = false;
  let numTexts = 0;
  /** [sessions] */
  const numTextsOf = new Array<number>(numSessions).fill(0);
  let numReopened = 0;
  const pausesMs: number[] = [];

  async function writeTexts(session: number, onToken: () => void): Promise<void> {
    const client = openGenerationClient({ address: addresses[session % addresses.length] ?? "" });
    try {
      for (let turn = session; !isStopped; turn += numSessions + 1) {
        const index = turn % numRequests;
        try {
          await writeText(client, index, onToken);
          numTextsOf[session] = (numTextsOf[session] as number) + 1;
        } catch (error) {
          if (!isAllowed(error as Error)) throw error;
        }
      }
    } finally {
      client.close();
    }
  }

  async function writeText(
    client: ReturnType<typeof openGenerationClient>,
    index: number,
    onToken: () => void,
  ) {
    const tokenIds: number[] = [];
    let text = "";
    let numDone = 0;
    let longestMs = 0;
    let lastAt: number | undefined;
    for await (const event of client.generate(requestNumber(index))) {
      if (event.type === "finished") {
        numDone++;
        if (event.statistics.numReopened > 0) pausesMs.push(longestMs);
        numReopened += event.statistics.numReopened;
      }
      if (event.type !== "token") continue;
      onToken();
      const now = performance.now();
      longestMs = Math.max(longestMs, now - (lastAt ?? now));
      lastAt = now;
      tokenIds.push(event.tokenId);
      text += event.text;
    }
    const expected = undisturbed[index];
    expect(tokenIds, `request ${index}`).toEqual(expected?.tokenIds);
    expect(text).toBe(expected?.text);
    expect(numDone).toBe(1);
    numTexts++;
  }

  const firstTokens: Promise<void>[] = [];
  const sessions = Array.from({ length: numSessions }, (_, session) => {
    let onToken = () => {};
    firstTokens.push(
      new Promise((resolve) => {
        onToken = resolve;
      }),
    );
    return writeTexts(session, onToken);
  });
  const all = Promise.all(sessions);
  all.catch(() => {}); // reported by stop
  const begun = Promise.race([Promise.all(firstTokens), all]);
  begun.catch(() => {}); // the same failure
  return {
    begun,
    get numFinished() {
      return numTexts;
    },
    async goOn() {
      const before = [...numTextsOf];
      while (numTextsOf.some((numTexts, session) => numTexts === before[session]))
        await Promise.race([sleep(50), all]); // which fails where a text does
    },
    async stop() {
      isStopped = true;
      await all;
      return { numTexts, numReopened, pausesMs: pausesMs.toSorted((a, b) => a - b) };
    },
  };
}
