import type { TextToSample } from "./sample-texts.ts";

/** Of which texts to train on: see `DistillOptions`. */
export interface TextChoice {
  readonly prompts: readonly (readonly number[])[];
  readonly temperatures: readonly number[];
  readonly length: number;
  readonly numTexts: number;
  readonly seed: number;
}

/** The texts of a step, from the first number on: prompts take turns, and each of them takes turns in temperatures. */
export function textsOf(
  { prompts, temperatures, length, numTexts, seed }: TextChoice,
  first: number,
): TextToSample[] {
  return Array.from({ length: numTexts }, (_, index) => {
    const number = first + index;
    const round = Math.floor(number / prompts.length);
    const place = number % prompts.length;
    return {
      ...{ prompt: prompts[place] as readonly number[], length },
      temperature: temperatures[(place + round) % temperatures.length] as number,
      seed: (seed + 1_000_000 + number) >>> 0,
    };
  });
}
