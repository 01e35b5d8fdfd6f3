// The central claim: a token's logits are the same, bit for bit, however its sequence is cut into
// forwards, whatever was rolled back before, and whoever else is in the forward.
import { type WeightPrecision, weightPrecisions } from "@adaedl/core";
import { exampleModelDirectory } from "@adaedl/example-models";
import { createTestRandom, type TestRandom, type TinyModelOptions } from "@adaedl/testing";
import { describe, expect, test } from "vitest";
import type { RowRead } from "./messages.ts";
import type { ModelThread } from "./model-thread.ts";
import {
  differingRows,
  freshLogits,
  logitsOf,
  open,
  randomTokens,
  rowsOf,
  sampled,
  stepOf,
  writeTiny,
} from "./open-thread.cases.ts";

type Case = [name: string, options: TinyModelOptions & { weights?: WeightPrecision }];

const models: Case[] = [
  ["grouped heads", { architecture: "llama" }],
  ["grouped heads, int8", { architecture: "llama", weights: "int8" }],
  [
    "a key head for each head, biases, int4",
    {
      architecture: "llama",
      weights: "int4",
      numKeyValueHeads: 4,
      attentionBias: true,
      mlpBias: true,
    },
  ],
  [
    "a key head for each head, biases",
    { architecture: "llama", numKeyValueHeads: 4, attentionBias: true, mlpBias: true },
  ],
  ["one key head, head size 128", { architecture: "qwen3", numKeyValueHeads: 1, headDim: 128 }],
  ["head size 160", { architecture: "llama", headDim: 160, numLayers: 1 }],
  ["a window", { architecture: "mistral", slidingWindow: 40 }],
  ...(["granite", "olmo2", "smollm3"] as const).flatMap((architecture) =>
    weightPrecisions.map(
      (weights): Case => [`${architecture}, ${weights}`, { architecture, weights }],
    ),
  ),
];
const sessionCounts = [1, 2, 3, 5, 8, 20];

describe.each(models)("%s", (_, { weights = "f32", ...options }) => {
  const directory = writeTiny({ contextLength: 400, ...options });

  describe.each([1, 2])("%d threads", async (numThreads) => {
    const thread = await open({ directory, numThreads, weights });
    const tokenIds = randomTokens(11, 300);
    const expected = await freshLogits(thread, tokenIds);

    test("one by one", async () => {
      const session = await openSession(thread, tokenIds);
      while (!session.isDone) await runTogether(thread, [session], () => 1);
      expect(differingRows(session.rows, expected)).toEqual([]);
    });

    test.each([1, 2, 3, 4])("random pieces and rollbacks, seed %d", async (seed) => {
      const random = createTestRandom(seed);
      const session = await openSession(thread, tokenIds);
      const largest = [4, 20, 128, 300][seed - 1] as number;
      while (!session.isDone) {
        if (random.next() < 0.4) await runAstray(thread, session, random);
        await runTogether(thread, [session], () => 1 + random.integer(largest));
      }
      expect(differingRows(session.rows, expected)).toEqual([]);
    });

    test("any number of sessions of different lengths", async () => {
      const random = createTestRandom(numThreads);
      const sequences = Array.from({ length: 20 }, (_, n) => randomTokens(100 + n, 30 + 17 * n));
      const alone: Float32Array[][] = [];
      for (const sequence of sequences) alone.push(await freshLogits(thread, sequence));

      for (const count of sessionCounts) {
        const sessions = await Promise.all(
          sequences.slice(0, count).map((sequence) => openSession(thread, sequence)),
        );
        while (sessions.some((session) => !session.isDone)) {
          const unfinished = sessions.filter((session) => !session.isDone);
          // Some rest, so that what is computed for their places goes nowhere.
          const some = unfinished.filter(() => random.next() < 0.8);
          await runTogether(thread, some.length > 0 ? some : unfinished, () =>
            random.next() < 0.5 ? 1 + random.integer(8) : 1 + random.integer(100),
          );
        }
        sessions.forEach((session, index) => {
          const differing = differingRows(session.rows, alone[index] ?? []);
          expect(differing, `session ${index} of ${count}`).toEqual([]);
        });
      }
    });

    test("guesses and entropies", async () => {
      const settings = { ...sampled, sampling: { ...sampled.sampling, temperature: 0.7, topK: 9 } };
      const guesses = async (sizes: readonly number[]) => {
        const slotId = await thread.openSlot(settings);
        const results = [];
        let begin = 0;
        for (const size of sizes) {
          const piece = tokenIds.slice(begin, begin + size);
          const reads: RowRead[] = piece.map((_, index) => ({ kind: "guess", index }));
          const step = stepOf(slotId, tokenIds.slice(0, begin), piece, reads);
          results.push(...rowsOf((await thread.forward([step]))[0]));
          begin += size;
        }
        return results;
      };
      const whole = await guesses([150]);
      expect(whole).toHaveLength(150);
      expect(await guesses(new Array(150).fill(1))).toEqual(whole);
      expect(await guesses([127, 1, 1, 1, 20])).toEqual(whole);
      expect(await guesses([3, 64, 61, 2, 20])).toEqual(whole);
    });
  });
});

// More threads than cores are slow but right, and share out products as many cores would.
test.each([
  ["llama", 64, 1],
  ["qwen3", 256, 2],
] as const)(
  "%s, head size %d, %d key heads: 1 to 8 threads say the same",
  async (architecture, headDim, numKeyValueHeads) => {
    const size = { headDim, numKeyValueHeads, numLayers: 1, contextLength: 400 };
    const directory = writeTiny({ architecture, ...size });
    const tokenIds = randomTokens(5, 300);
    let expected: Float32Array[] | undefined;
    for (const numThreads of [1, 3, 8]) {
      const thread = await open({ directory, numThreads });
      const whole = await freshLogits(thread, tokenIds);
      expected ??= whole;
      expect(differingRows(whole, expected), `${numThreads} threads`).toEqual([]);
      for (const pieceSize of [5, 20]) {
        const session = await openSession(thread, tokenIds);
        while (!session.isDone) await runTogether(thread, [session], () => pieceSize);
        const differing = differingRows(session.rows, expected);
        expect(differing, `${numThreads} threads, pieces of ${pieceSize}`).toEqual([]);
      }
      await thread.close();
    }
  },
);

// Here the cache is read in place, save for prompts and among others. Scaling scores by 1 / sqrt(headDim) rounds, save
// for a head size of 64.
test.each([
  ["grouped heads", 2, 128, "f32"],
  ["a key head for each head", 4, 32, "f32"],
  ["grouped heads", 2, 64, "int4"],
] as const)(
  "a long context, %s, %d key heads of %d, %s",
  async (_, numKeyValueHeads, headDim, weights) => {
    const size = { numKeyValueHeads, headDim, numLayers: 2, contextLength: 900 };
    const directory = writeTiny({ architecture: "llama", ...size });
    const tokenIds = randomTokens(17, 900);
    let expected: Float32Array[] | undefined;
    for (const numThreads of [1, 3]) {
      const thread = await open({ directory, numThreads, weights });
      expected ??= await freshLogits(thread, tokenIds);
      const random = createTestRandom(numThreads);
      const session = await openSession(thread, tokenIds);
      const other = await openSession(thread, randomTokens(18, 900));
      while (!session.isDone) {
        if (random.next() < 0.1) await runAstray(thread, session, random);
        const sessions = random.next() < 0.2 ? [session, other] : [session];
        await runTogether(thread, sessions, () =>
          random.next() < 0.1 ? 1 + random.integer(150) : 1 + random.integer(8),
        );
      }
      expect(differingRows(session.rows, expected), `${numThreads} threads`).toEqual([]);
      await thread.close();
    }
  },
);

// Rows of a draft that is verified, threads and kernels of every kind of product.
test.each(weightPrecisions)(
  "the built-in coder-target in %s: 1 to 16 rows, 1 to 8 threads",
  async (weights) => {
    const directory = exampleModelDirectory("coder-target");
    let expected: Float32Array[] | undefined;
    for (const numThreads of [1, 3, 8]) {
      const thread = await open({ directory, numThreads, weights });
      const tokenIds = randomTokens(8, 20, thread.info.vocabSize);
      const whole = await freshLogits(thread, tokenIds);
      expected ??= whole;
      expect(differingRows(whole, expected), `${numThreads} threads`).toEqual([]);
      for (const numRows of [1, 2, 3, 8, 16]) {
        const session = await openSession(thread, tokenIds);
        while (!session.isDone) await runTogether(thread, [session], () => numRows);
        const differing = differingRows(session.rows, expected);
        expect(differing, `${numThreads} threads, ${numRows} rows`).toEqual([]);
      }
      await thread.close();
    }
  },
);

describe.each([1, 3])("the built-in coder-target, %d threads", async (numThreads) => {
  const directory = exampleModelDirectory("coder-target");
  const thread = await open({ directory, numThreads });
  const { vocabSize } = thread.info;
  const tokenIds = randomTokens(21, 270, vocabSize);
  const expected = await freshLogits(thread, tokenIds);

  test("one by one, and in pieces as a draft is verified", async () => {
    for (const size of [1, 5, 16]) {
      const session = await openSession(thread, tokenIds);
      while (!session.isDone) await runTogether(thread, [session], () => size);
      expect(differingRows(session.rows, expected), `pieces of ${size}`).toEqual([]);
    }
  });

  test.each([2, 3, 5])("among %d sessions, with rollbacks", async (count) => {
    const random = createTestRandom(count);
    const sessions = await Promise.all(
      Array.from({ length: count }, (_, n) =>
        openSession(thread, n === 0 ? tokenIds : randomTokens(n, 90 + 50 * n, vocabSize)),
      ),
    );
    const [first] = sessions as [Session];
    while (!first.isDone) {
      if (random.next() < 0.2) await runAstray(thread, first, random);
      const running = sessions.filter((session) => !session.isDone);
      await runTogether(thread, running, () => 1 + random.integer(40));
    }
    expect(differingRows(first.rows, expected)).toEqual([]);
  });
});

/** A slot on its way through a sequence. */
interface Session {
  readonly slotId: number;
  readonly tokenIds: readonly number[];
  /** Logits so far, one row a token. */
  readonly rows: Float32Array[];
  readonly isDone: boolean;
}

async function openSession(thread: ModelThread, tokenIds: readonly number[]): Promise<Session> {
  const slotId = await thread.openSlot(sampled);
  const rows: Float32Array[] = [];
  return {
    slotId,
    tokenIds,
    rows,
    get isDone() {
      return rows.length >= tokenIds.length;
    },
  };
}

/** One forward in which every session goes on by as many tokens as `sizeOf` says. */
async function runTogether(
  thread: ModelThread,
  sessions: readonly Session[],
  sizeOf: () => number,
): Promise<void> {
  const steps = sessions.map(({ slotId, tokenIds, rows }) => {
    const done = rows.length;
    return stepOf(slotId, tokenIds.slice(0, done), tokenIds.slice(done, done + sizeOf()));
  });
  const results = await thread.forward(steps);
  sessions.forEach(({ rows }, index) => {
    rows.push(...logitsOf(results[index]));
  });
}

/** A wrong draft of up to 150 tokens, which the next step of the session takes back. */
async function runAstray(thread: ModelThread, session: Session, random: TestRandom) {
  const room = thread.info.contextLength - session.rows.length;
  const wrong = randomTokens(random.integer(1e6), 1 + random.integer(Math.min(150, room)), 300);
  const kept = session.tokenIds.slice(0, session.rows.length);
  rowsOf((await thread.forward([stepOf(session.slotId, kept, wrong, [])]))[0]);
}
