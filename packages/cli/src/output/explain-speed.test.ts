import { expect, test } from "vitest";
import { explainSpeed } from "./explain-speed.ts";

const plain = { numTokens: 160, numRounds: 160, numTargetForwards: 161 };
const drafted = { numTokens: 160, numRounds: 80, numTargetForwards: 81 };

test("a small target: says that drafts were slower, and from which pass on they are not", () => {
  const lines = explainSpeed(
    "adaedl",
    { ...drafted, durationMs: 4_160, forwardsMs: 160 },
    { ...plain, durationMs: 700, forwardsMs: 322 },
  );
  expect(lines.join("\n")).toMatch(
    /^adaedl took 81 passes of the target instead of 161, but was slower/,
  );
  expect(lines.join("\n")).toContain("takes 2.0 ms");
  // 4 000 ms in 80 rounds besides forwards, and one token more a round: (50 + T) / 2 = T.
  expect(lines.at(-1)).toContain("from about 50 ms a pass on");
});

test("a big target: says that drafts were faster, and nothing else", () => {
  const lines = explainSpeed(
    "adaedl",
    { ...drafted, durationMs: 12_000, forwardsMs: 8_000 },
    { ...plain, durationMs: 16_200, forwardsMs: 16_100 },
  );
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("and was faster");
});

test("where no token was accepted, no target is named", () => {
  const unlucky = { ...plain, durationMs: 8_000, forwardsMs: 322 };
  const lines = explainSpeed("adaedl", unlucky, { ...plain, durationMs: 700, forwardsMs: 322 });
  expect(lines.join("\n")).not.toContain("ahead");
});
