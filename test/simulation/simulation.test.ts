import {
  DraftTree,
  type EdgeEvent,
  EdgeStream,
  type TargetEvent,
  TargetStream,
  Text,
} from "@adaedl/core";
import { afterEach, describe, expect, test, vi } from "vitest";
import { simulate } from "./simulate.ts";

const numSeeds = 20_000;
const { ADAEDL_SIMULATION_SEED: seedToReplay } = process.env;
const replayOf = (seed: number) =>
  `replay: ADAEDL_SIMULATION_SEED=${seed} npx vitest run test/simulation`;

if (seedToReplay !== undefined) {
  test("the seed of ADAEDL_SIMULATION_SEED", () => {
    const { violation, trace } = simulate(Number(seedToReplay), { isTraced: true });
    console.log(trace.join("\n"));
    expect(violation).toBeUndefined();
  });
} else {
  test(`${numSeeds} seeds: every text is its seed's, whatever happens`, {
    timeout: 300_000,
  }, () => {
    const totals: Record<string, number> = {};
    for (let seed = 0; seed < numSeeds; seed++) {
      const { violation, counts } = simulate(seed);
      if (violation !== undefined) expect.fail(`seed ${seed}: ${violation}\n${replayOf(seed)}`);
      for (const [what, count] of Object.entries(counts))
        totals[what] = (totals[what] ?? 0) + count;
    }
    // All that can go wrong did, often, and drafts were of use.
    for (const what of [
      ...["accepted", "verifier-draft", "recovered", "bonus", "autoregressive", "fresh nodes"],
      ...["cut", "black hole", "silence", "doubled message", "crash", "drain", "eviction"],
      ...["dead edge", "false commit", "reopened for a false commit", "refused offer"],
    ])
      expect(totals[what], what).toBeGreaterThan(500);
  });

  describe("finds a fault that is planted", () => {
    afterEach(() => {
      vi.restoreAllMocks();
    });

    /** The first violation, in few enough seeds that 20 000 cannot miss it. */
    function firstViolation(): string | undefined {
      for (let seed = 0; seed < 2_000; seed++) {
        const { violation } = simulate(seed);
        if (violation !== undefined) return violation;
      }
      return undefined;
    }

    test("an edge that takes a doubled commit for a new one", () => {
      const apply = EdgeStream.prototype.apply;
      vi.spyOn(EdgeStream.prototype, "apply").mockImplementation(function (
        this: EdgeStream,
        event: EdgeEvent,
      ) {
        if (event.type !== "commit") return apply.call(this, event);
        const position = this.text.length;
        return apply.call(this, { ...event, commit: { ...event.commit, position } });
      });
      expect(firstViolation()).toMatch(/^edge \d got \d+ at \d+, not \d+$/);
    });

    test("a target that accepts one draft token too many", () => {
      const apply = TargetStream.prototype.apply;
      let numJudged = 0;
      vi.spyOn(TargetStream.prototype, "apply").mockImplementation(function (
        this: TargetStream,
        event: TargetEvent,
      ) {
        if (event.type === "stepBegun") numJudged = event.draftTokenIds.length;
        if (event.type !== "stepDone" || event.numAccepted >= numJudged)
          return apply.call(this, event);
        return apply.call(this, { ...event, numAccepted: event.numAccepted + 1 });
      });
      expect(firstViolation()).toMatch(/^edge \d got \d+ at \d+, not \d+$/);
    });

    test("a target that believes every base", () => {
      vi.spyOn(Text.prototype, "startsWith").mockReturnValue(true);
      expect(firstViolation()).toMatch(/^target stream: T1 is broken/);
    });

    test("a target that keeps draft tokens which the text has passed", () => {
      vi.spyOn(DraftTree.prototype, "pruneBelowRoot").mockReturnValue();
      expect(firstViolation()).toMatch(/^target stream: T2 is broken/);
    });

    test("an edge that does not report what its reader has taken", () => {
      const apply = EdgeStream.prototype.apply;
      vi.spyOn(EdgeStream.prototype, "apply").mockImplementation(function (
        this: EdgeStream,
        event: EdgeEvent,
      ) {
        return event.type === "read" ? [] : apply.call(this, event);
      });
      expect(firstViolation()).toMatch(/^edge \d did not end$/);
    });

    test("a target that drafts beyond the longest text", () => {
      const plan = TargetStream.prototype.plan;
      vi.spyOn(TargetStream.prototype, "plan").mockImplementation(function (
        this: TargetStream,
        limits,
      ) {
        return [...plan.call(this, limits), { tokenId: 1, chance: 1 }];
      });
      expect(firstViolation()).toMatch(/^target stream: T5 is broken/);
    });
  });
}
