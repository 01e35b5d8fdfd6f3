import { type ForwardTime, forwardTimeRule, parseForwardTime } from "@adaedl/core";
import { InvalidArgumentError, Option } from "commander";

/** Costs of a virtual clock that stand on the command line; where both are absent, others are taken. */
export interface GivenCosts {
  readonly draftMs?: ReturnType<typeof parseDraftMs>;
  readonly verifyMs?: ReturnType<typeof parseVerifyMs>;
}

/** `--draft-ms` and `--verify-ms`. */
export function costOptions(): [Option, Option] {
  return [
    new Option(
      "--draft-ms <forward+place>",
      "a draft forward, and each further place in it (0.3 of it where that is left out)",
    ).argParser(parseDraftMs),
    new Option(
      "--verify-ms <forward+token>",
      "a target forward, and each draft token in it, such as 30+1",
    ).argParser(parseVerifyMs),
  ];
}

function parseDraftMs(text: string): { readonly draftMs: number; readonly branchCost?: number } {
  const { forwardMs, rowMs } = parseTime(text);
  const place = text.includes("+") ? { branchCost: rowMs / forwardMs } : {};
  return { draftMs: forwardMs, ...place };
}

function parseVerifyMs(text: string) {
  const { forwardMs, rowMs } = parseTime(text);
  return { verifyBaseMs: forwardMs, verifyTokenMs: rowMs };
}

function parseTime(text: string): ForwardTime {
  const time = parseForwardTime(text);
  if (time === undefined || time.forwardMs === 0)
    throw new InvalidArgumentError(`It ${forwardTimeRule}; a forward takes more than 0.`);
  return time;
}
