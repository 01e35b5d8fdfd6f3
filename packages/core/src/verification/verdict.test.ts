import { expect, test } from "vitest";
import { rejection } from "./rejection.ts";
import type { Judgement } from "./rule.ts";
import { sharedNoise } from "./shared-noise.ts";
import { verdictOf, verificationRule, verificationRuleNames } from "./verdict.ts";

const accepted = (tokenId: number): Judgement => ({ tokenId, isAccepted: true });
const refused = (tokenId: number): Judgement => ({ tokenId, isAccepted: false });

test.each<[string, readonly Judgement[], number, number]>([
  ["no guess: the bonus alone", [refused(5)], 0, 5],
  ["all accepted: the bonus after them", [accepted(1), accepted(2), refused(3)], 2, 3],
  ["refused first", [refused(7), accepted(2), refused(3)], 0, 7],
  ["refused in the middle", [accepted(1), refused(8), refused(3)], 1, 8],
  ["refused last", [accepted(1), accepted(2), refused(9), refused(3)], 2, 9],
  ["what follows the first refusal is ignored", [refused(4), accepted(1), accepted(2)], 0, 4],
  ["a bonus is never counted as accepted", [accepted(1), accepted(2)], 1, 2],
])("%s", (_, judgements, numAccepted, nextTokenId) => {
  expect(verdictOf(judgements)).toEqual({ numAccepted, nextTokenId });
});

test("no judgement is no verdict", () => {
  expect(() => verdictOf([])).toThrow(new RangeError("a verdict needs at least one judgement"));
});

test("rules are found by their names", () => {
  expect(verificationRuleNames).toEqual(["shared-noise", "rejection"]);
  expect(verificationRule("shared-noise")).toBe(sharedNoise);
  expect(verificationRule("rejection")).toBe(rejection);
  for (const name of verificationRuleNames) expect(verificationRule(name).name).toBe(name);
});

test.each(["", "Rejection", "toString", "__proto__"])("there is no rule %j", (name) => {
  expect(() => verificationRule(name)).toThrow(
    expect.objectContaining({
      code: "invalid_argument",
      message: `verification must be one of shared-noise, rejection, got ${JSON.stringify(name)}`,
    }),
  );
});
