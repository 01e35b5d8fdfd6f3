import { setTimeout as sleep } from "node:timers/promises";
import { expectShortWait } from "./soak.ts";

/** A client that asks for one short text after another, each on a connection of its own. */
export interface OtherClient {
  /**
   * Lets it finish.
   * @param attack that went on meanwhile: in the soak tier, says how long an answer took at most
   * @returns how many answers it got @throws Error when it was not served once
   */
  stop(attack?: string): Promise<number>;
}

export function otherClient(port: number): OtherClient {
  let isStopped = false;
  const times: number[] = [];
  async function ask(): Promise<void> {
    do {
      const startedAt = performance.now();
      const answer = await fetch(`http://localhost:${port}/v1/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", connection: "close" },
        body: JSON.stringify({ prompt: "Once", max_tokens: 3, seed: 1 }),
      });
      const body = await answer.text();
      if (answer.status !== 200) throw new Error(`another client got ${answer.status}: ${body}`);
      times.push(performance.now() - startedAt);
      await sleep(10);
    } while (!isStopped);
  }
  const asking = ask();
  asking.catch(() => {}); // `stop` throws it
  return {
    async stop(attack) {
      isStopped = true;
      await asking;
      if (attack !== undefined) expectShortWait(attack, Math.max(...times) - Math.min(...times));
      return times.length;
    },
  };
}
