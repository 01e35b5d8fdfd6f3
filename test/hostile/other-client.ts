import { setTimeout as sleep } from "node:timers/promises";

/** A client that asks for one short text after another, each on a connection of its own. */
export interface OtherClient {
  /** Lets it finish. @returns how many answers it got @throws Error when it was not served once */
  stop(): Promise<number>;
}

export function otherClient(port: number): OtherClient {
  let isStopped = false;
  let numAnswers = 0;
  async function ask(): Promise<void> {
    do {
      const answer = await fetch(`http://localhost:${port}/v1/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", connection: "close" },
        body: JSON.stringify({ prompt: "Once", max_tokens: 3, seed: 1 }),
      });
      const body = await answer.text();
      if (answer.status !== 200) throw new Error(`another client got ${answer.status}: ${body}`);
      numAnswers++;
      await sleep(10);
    } while (!isStopped);
  }
  const asking = ask();
  asking.catch(() => {}); // `stop` throws it
  return {
    async stop() {
      isStopped = true;
      await asking;
      return numAnswers;
    },
  };
}
