import { expect, it } from "vitest";
import type { GuessSample } from "../policies/cell.ts";
import { binAcceptance } from "./acceptance-bins.ts";

function guessesOf(entropy: number, numGuesses: number, numAccepted: number): GuessSample[] {
  return Array.from({ length: numGuesses }, (_, index) => {
    return { pair: "storyteller", temperature: 0, entropy, isAccepted: index < numAccepted };
  });
}

it("takes guesses of about the same entropy together", () => {
  const guesses = [...guessesOf(0.3, 10, 10), ...guessesOf(1.2, 60, 30), ...guessesOf(1.4, 20, 10)];
  const bins = binAcceptance(guesses, 0.5);
  expect(bins.map(({ numGuesses, acceptance }) => [numGuesses, acceptance])).toEqual([
    [10, 1],
    [80, 0.5],
  ]);
  expect(bins[1]?.entropy).toBeCloseTo(1.25);
});

it("says how sure the share is, also where all are accepted", () => {
  // Wilson's interval of 10 of 10 and of 50 of 100, from the literature's formula.
  const [all, half] = binAcceptance([...guessesOf(0, 10, 10), ...guessesOf(1, 100, 50)], 0.5);
  expect(all?.lowest).toBeCloseTo(0.7225, 3);
  expect(all?.highest).toBe(1);
  expect(half?.lowest).toBeCloseTo(0.4038, 3);
  expect(half?.highest).toBeCloseTo(0.5962, 3);
});

it("leaves out what too few guesses tell", () => {
  expect(binAcceptance(guessesOf(2, 9, 3), 0.5)).toEqual([]);
});
