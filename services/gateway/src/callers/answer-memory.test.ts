import fc from "fast-check";
import { expect, test } from "vitest";
import { createAnswerMemory } from "./answer-memory.ts";

const MiB = 1 << 20;

test("an answer that is too large by itself is the client's error", () => {
  const share = createAnswerMemory(8 * MiB)();
  share.hold(8 * MiB);
  expect(() => share.hold(1)).toThrow(
    expect.objectContaining({ code: "out_of_range", message: expect.stringContaining("a stream") }),
  );
});

test("of several the large one fails, and a small one goes on", () => {
  const open = createAnswerMemory(8 * MiB);
  const [large, small] = [open(), open()];
  large.hold(7 * MiB);
  small.hold(2 * MiB);
  expect(() => large.hold(1)).toThrow(
    expect.objectContaining({
      code: "unavailable",
      message: expect.stringMatching(/hold all the memory they may, 8 MiB/),
    }),
  );
  large.release();
  large.release();
  small.hold(6 * MiB);
});

test("however many there are, they hold at most twice what they may", () => {
  const holds = fc.array(fc.tuple(fc.nat(19), fc.nat(100)), { maxLength: 500 });
  fc.assert(
    fc.property(holds, (holds) => {
      const open = createAnswerMemory(1_000);
      const held = Array.from({ length: 20 }, () => ({ share: open(), bytes: 0, isOver: false }));
      for (const [index, bytes] of holds) {
        const one = held[index];
        if (one === undefined || one.isOver) continue;
        one.bytes += bytes;
        try {
          one.share.hold(bytes);
        } catch {
          one.share.release();
          one.isOver = true;
        }
        const total = held.reduce((sum, { bytes, isOver }) => sum + (isOver ? 0 : bytes), 0);
        expect(total).toBeLessThanOrEqual(2_000);
      }
    }),
  );
});
