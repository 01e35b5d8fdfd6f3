import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";

/** Clients of a gateway who have one text after another streamed to them. */
export interface OtherStreams {
  /**
   * Lets them go on while something is done: each of their texts has to come whole, and be the one that its
   * seed gives.
   * @param clock of the longest wait; default: milliseconds
   * @returns what it gave, and the longest time without a token of any text
   */
  during<T>(
    work: () => Promise<T>,
    clock?: () => number,
  ): Promise<{ value: T; longestWait: number }>;
}

const numStreams = 4;

export async function otherStreams(port: number): Promise<OtherStreams> {
  const read = async (seed: number, onToken: () => void) => {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        ...{ prompt: "Once", seed, max_tokens: 48, ignore_eos: true, stream: true },
      }),
    });
    let events = "";
    const utf8 = new TextDecoder();
    for await (const bytes of answer.body ?? []) {
      onToken();
      events += utf8.decode(bytes, { stream: true });
    }
    expect({ status: answer.status, end: events.slice(-14) }).toEqual({
      ...{ status: 200, end: "data: [DONE]\n\n" },
    });
    return [...events.matchAll(/"text":"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text).join("");
  };
  const seeds = Array.from({ length: numStreams }, (_, seed) => seed);
  const texts = await Promise.all(seeds.map((seed) => read(seed, () => {})));

  return {
    async during(work, clock = () => performance.now()) {
      let isOver = false;
      let lastAt = clock();
      let longestWait = 0;
      const onToken = () => {
        const now = clock();
        if (!isOver) longestWait = Math.max(longestWait, now - lastAt);
        lastAt = now;
      };
      const reading = Promise.all(
        seeds.map(async (seed) => {
          while (!isOver) expect(await read(seed, onToken)).toBe(texts[seed]);
        }),
      );
      await Promise.race([reading, sleep(200)]); // they are at it
      try {
        const value = await work();
        onToken();
        return { value, longestWait };
      } finally {
        isOver = true;
        await reading;
      }
    },
  };
}
