import { InvalidArgumentError } from "commander";
import { parsePolicySpec } from "./values.ts";

/** "0,20,60": numbers from `low` to `high`. */
export function parseNumbers(low: number, high: number): (text: string) => number[] {
  return (text) =>
    text.split(",").map((part) => {
      const value = /^\s*(\d+(\.\d*)?|\.\d+)\s*$/.test(part) ? Number(part) : Number.NaN;
      if (!(value >= low && value <= high))
        throw new InvalidArgumentError(
          `It must be numbers from ${low} to ${high} separated by commas, such as ${low},${high}.`,
        );
      return value;
    });
}

/** Whole numbers from `low` to `high`. */
export function parseWholeNumbers(low: number, high: number): (text: string) => number[] {
  const parse = parseNumbers(low, high);
  return (text) => {
    const values = parse(text);
    if (!values.every(Number.isInteger))
      throw new InvalidArgumentError("It must be whole numbers separated by commas.");
    return values;
  };
}

/** Names out of a list, separated by commas. */
export function parseNames<Name extends string>(known: readonly Name[]): (text: string) => Name[] {
  return (text) =>
    text.split(",").map((part) => {
      const name = known.find((one) => one === part.trim());
      if (name === undefined)
        throw new InvalidArgumentError(`Allowed names are ${known.join(", ")}.`);
      return name;
    });
}

/**
 * Stopping policies, separated by commas. A policy's own parameters are too: `name=value` goes with the
 * policy before it, as in "static:5,adaedl:lambda=0.7,gamma=auto,none".
 * @param isOther whether a name is allowed besides
 */
export function parsePolicies(
  isOther: (name: string) => boolean = () => false,
): (text: string) => string[] {
  return (text) => {
    const policies: string[] = [];
    for (const part of text.split(/[,;]/).map((one) => one.trim())) {
      const last = policies.length - 1;
      if (last >= 0 && /^[^:=]+=/.test(part)) policies[last] += `,${part}`;
      else policies.push(part);
    }
    return policies.map((policy) => (isOther(policy) ? policy : parsePolicySpec(policy)));
  };
}
