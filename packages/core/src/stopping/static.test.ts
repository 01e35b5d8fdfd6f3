import { expect, test } from "vitest";
import { guessWith, outcomeWith } from "./evidence.cases.ts";
import { testPolicy } from "./policy.cases.ts";
import { createStaticPolicy } from "./static.ts";

testPolicy(["static:1", "static:4", "static:64"], { goesByEntropy: true });

test("stops at its length, whatever the entropies and outcomes", () => {
  const policy = createStaticPolicy(3);
  for (const numAccepted of [0, 1, 3]) {
    const stops = [0, 1, 2].map((index) =>
      policy.stopsAfter(guessWith({ index, entropy: 50 * index })),
    );
    expect(stops).toEqual([false, false, true]);
    policy.observe(outcomeWith({ numDrafted: 3, numAccepted, maxDraftLength: 3 }));
  }
});
