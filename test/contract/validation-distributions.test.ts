import type { GuessDistribution } from "@adaedl/core";
import type { RunningVerifier } from "@adaedl/verifier";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startTestVerifier } from "../network/start-services.ts";
import {
  besideOther,
  idle,
  noCredit,
  offerOf,
  openOf,
  prompt,
  refusalOf,
  writePlainly,
} from "./validation.cases.ts";

// A distribution that is wrong would bend the text under the rejection rule: never clamped.

let verifier: RunningVerifier;
let text: number[];
beforeAll(async () => {
  verifier = await startTestVerifier();
  text = await writePlainly(verifier, 400);
});
afterAll(() => verifier?.close());
afterEach(() => expect.poll(() => verifier.status()).toMatchObject(idle));

const invalid = (field: string, value: unknown) => ({
  code: "invalid_argument",
  field,
  value: String(value),
});

describe("a draft token's distribution ends a session", () => {
  const distribution = (tokenIds: number[], weights: number[]): GuessDistribution => ({
    tokenIds: Int32Array.from(tokenIds),
    weights: Float32Array.from(weights),
  });
  const field = "offer.distributions[0]";
  const ids = (length: number) => Array.from({ length }, (_, id) => id);
  const weighing = (weight: number) => distribution([8, 9], [0.5, weight]);

  test.each([
    ["that is not a number", weighing(Number.NaN), `${field}.weights[1]`, Number.NaN],
    ["that is infinite", weighing(Number.POSITIVE_INFINITY), `${field}.weights[1]`, "Infinity"],
    ["that is negative", weighing(-0.5), `${field}.weights[1]`, -0.5],
    ["that is 0 for the drafted token", weighing(0), `${field}.weights[1]`, 0],
    ["that is above 1", weighing(1.25), `${field}.weights[1]`, 1.25],
    ["that adds up to more than 1", weighing(0.75), `${field}.weights`, 1.25],
    ["without the drafted token", distribution([8], [1]), `${field}.token_ids`, 9],
    ["with a token twice", distribution([9, 9], [0.5, 0.5]), `${field}.token_ids`, "9,9"],
    ["with a weight too few", distribution([8, 9], [1]), "offer.distributions.weights", 1],
    ["without tokens", distribution([], []), `${field}.token_ids`, "0 ids"],
    [
      "of more than 256 tokens",
      distribution(ids(257), new Array(257).fill(0.001)),
      `${field}.token_ids`,
      "257 ids",
    ],
    [
      "of a token beyond the vocabulary",
      distribution([9, 4096], [0.5, 0.5]),
      `${field}.token_ids`,
      4096,
    ],
    ["that is missing", undefined, field, "none"],
  ] as const)("%s", async (_, distribution, field, value) => {
    const drawn = distribution === undefined ? {} : { distribution };
    const open = openOf(verifier, { verification: "rejection", ...noCredit });
    const error = await besideOther(verifier, text, () =>
      refusalOf(verifier, open, offerOf(prompt, [9], {}, drawn)),
    );
    expect(error).toMatchObject(invalid(field, value));
  });

  test("that nobody asked for", async () => {
    const offer = offerOf(prompt, [9], {}, { distribution: distribution([9], [1]) });
    const error = await refusalOf(verifier, openOf(verifier, noCredit), offer);
    expect(error).toMatchObject(invalid("offer.distributions[0]", "one"));
  });
});
