import { expect, test } from "vitest";
import { guessWith, outcomeWith } from "./evidence.cases.ts";
import { parseStoppingPolicy } from "./parse-stopping-policy.ts";
import { testPolicy } from "./policy.cases.ts";

testPolicy(["svip", "svip:h=0.1,max=5", "svip:h=0", "svip:h=10,max=64"], { goesByEntropy: true });

test.each([
  ["svip", 0.6], //        0.3^2 / 0.15
  ["svip:h=0.45", 1.35], // 0.45^2 / 0.15
])("%s stops above %d nats", (spec, cutoff) => {
  const policy = parseStoppingPolicy(spec);
  expect(policy.stopsAfter(guessWith({ entropy: cutoff - 1e-9 }))).toBe(false);
  expect(policy.stopsAfter(guessWith({ entropy: cutoff + 1e-9 }))).toBe(true);
});

test("is AdaEDL with a threshold that stays, whatever is accepted", () => {
  const svip = parseStoppingPolicy("svip:max=20");
  const adaedl = parseStoppingPolicy("adaedl:lambda=0.7,gamma=0.15,eps=0,max=20");
  for (const numAccepted of [0, 2, 4, 4, 4]) {
    for (let entropy = 0.01; entropy < 2; entropy += 0.02)
      expect(svip.stopsAfter(guessWith({ entropy }))).toBe(
        adaedl.stopsAfter(guessWith({ entropy })),
      );
    for (const policy of [svip, adaedl]) policy.observe(outcomeWith({ numAccepted }));
  }
});

test("its longest draft is 40", () => {
  const policy = parseStoppingPolicy("svip");
  const stops = [38, 39].map((index) => policy.stopsAfter(guessWith({ index, entropy: 0 })));
  expect(stops).toEqual([false, true]);
  expect(policy.spec).toBe("svip:h=0.3,max=40");
});
