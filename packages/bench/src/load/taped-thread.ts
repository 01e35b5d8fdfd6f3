import { setImmediate } from "node:timers/promises";
import { AdaedlError } from "@adaedl/core";
import type { ModelThread } from "@adaedl/engine";
import { type CostModel, forwardMs } from "../policies/cost-model.ts";
import type { Tape } from "../policies/tape/tape.ts";
import type { VirtualClock } from "../policies/virtual-clock.ts";

type SlotStep = Parameters<ModelThread["forward"]>[0][number];
type SlotResult = Awaited<ReturnType<ModelThread["forward"]>>[number];

/** A target model that decodes tapes. A slot is opened with the number of its tape as the seed. */
export interface TapedThread extends ModelThread {
  /** Milliseconds that forwards took in all. */
  readonly busyMs: number;
}

/** Whatever the pair's vocabulary and context are. */
const bounds = { vocabSize: 2 ** 31, contextLength: 2 ** 31 };

/** Forwards of all their slots together pass on the clock, as the cost model says. */
export function createTapedThread(
  tapes: readonly Tape[],
  costs: CostModel,
  clock: VirtualClock,
): TapedThread {
  const tapeOfSlot = new Map<number, Tape>();
  let numSlots = 0;
  let busyMs = 0;

  function resultOf({ slotId, reads, roundStart }: SlotStep): SlotResult {
    const tape = tapeOfSlot.get(slotId) as Tape;
    const first = roundStart - tape.promptTokenIds.length;
    const rows = reads.map((read, index) => {
      if (read.kind !== "judge")
        throw new AdaedlError("internal", `a target does not ${read.kind}`);
      // Behind a rejected draft token nothing is read.
      const tokenId = tape.tokenIds[first + index] as number;
      const isAccepted = read.guess?.tokenId === tokenId;
      return { kind: "judge" as const, judgement: { tokenId, isAccepted } };
    });
    return { rows };
  }

  const close = async () => {};
  return {
    info: {
      format: "safetensors",
      weights: "f32",
      provider: "cpu",
      rowBytes: 1,
      rowBlock: 1,
      ...bounds,
    },
    get busyMs() {
      return busyMs;
    },
    async openSlot({ seed }) {
      tapeOfSlot.set(++numSlots, tapes[seed] as Tape);
      return numSlots;
    },
    async forkSlot() {
      throw new AdaedlError("internal", "a target does not fork");
    },
    async closeSlot(slotId) {
      tapeOfSlot.delete(slotId);
    },
    async forward(steps) {
      const numRows = steps.reduce((sum, { tokenIds }) => sum + tokenIds.length, 0);
      const ms = forwardMs(costs, numRows - 1);
      await clock.sleep(ms);
      nextStep(clock);
      busyMs += ms;
      return steps.map(resultOf);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Lets the engine begin its next step before the clock goes on: it first takes in what has arrived meanwhile. */
export function nextStep(clock: VirtualClock): void {
  void clock.outside(setImmediate().then(() => setImmediate()));
}
