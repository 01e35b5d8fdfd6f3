import { describe, expect, it } from "vitest";
import {
  parseCount,
  parseLogitBias,
  parseNumber,
  parseTokenIds,
  parseWholeNumber,
} from "./numbers.ts";

const refuses = (parse: (text: string) => unknown, texts: readonly string[], rule: string) => {
  for (const text of texts) expect(() => parse(text), text).toThrow(rule);
};

describe("numbers of the command line", () => {
  it("are decimal numbers and nothing else", () => {
    expect(["1", "-1", "+.5", "2.", "1e-3"].map(parseNumber)).toEqual([1, -1, 0.5, 2, 0.001]);
    refuses(parseNumber, ["", " ", "abc", "1x", "0x10", "Infinity", "NaN", "1,5", "."], "number");
  });

  it("are whole where they count", () => {
    expect(["0", "-3", "+7"].map(parseWholeNumber)).toEqual([0, -3, 7]);
    refuses(parseWholeNumber, ["", "1.0", "1e3", "5x"], "It must be a whole number.");
    expect(parseCount("12")).toBe(12);
    refuses(parseCount, ["0", "-1", "1.5", ""], "It must be a whole number, 1 or more.");
  });

  it("make lists of token ids", () => {
    expect(parseTokenIds("1, 22,333")).toEqual([1, 22, 333]);
    refuses(parseTokenIds, ["", "1,", ",1", "1;2", "-1", "1 2"], "separated by commas");
  });

  it("make biases, the last of a token id counts", () => {
    const biases = parseLogitBias("2=+3", parseLogitBias("2=-1", parseLogitBias("1=.5")));
    expect([...biases]).toEqual([
      [1, 0.5],
      [2, 3],
    ]);
    refuses((text) => parseLogitBias(text), ["1", "=1", "1=", "a=1", "-1=1", "1=x"], "token id");
  });
});
