import { expect, test } from "vitest";
import { textsOf } from "./choose-texts.ts";

test.each([1, 2, 3, 56])("each of %d prompts begins texts of all temperatures", (numPrompts) => {
  const prompts = Array.from({ length: numPrompts }, (_, index) => [index]);
  const numTexts = 20 * numPrompts;
  const texts = textsOf({ prompts, temperatures: [0.7, 1], length: 9, numTexts, seed: 1 }, 0);
  for (const prompt of prompts)
    for (const temperature of [0.7, 1])
      expect(
        texts.filter((text) => text.prompt === prompt && text.temperature === temperature),
      ).toHaveLength(10);
});

test("steps go on where the last one ended", () => {
  const choice = {
    prompts: [[1], [2], [3]],
    temperatures: [0.7, 1],
    length: 9,
    numTexts: 5,
    seed: 1,
  };
  expect([...textsOf(choice, 0), ...textsOf(choice, 5)]).toEqual(
    textsOf({ ...choice, numTexts: 10 }, 0),
  );
});
