import { forwardTimeRule, parseForwardTime } from "@adaedl/core";
import { InvalidArgumentError, Option } from "commander";
import { UsageError } from "../fail.ts";

/** Emulated model time of the target and of the draft model, as it was written. */
export interface EmulatedTimes {
  readonly emulateForwardMs?: string;
  readonly emulateDraftMs?: string;
}

/** FORWARD or FORWARD+ROW in milliseconds; kept as it was written. */
export function parseForwardMs(text: string): string {
  if (parseForwardTime(text) === undefined)
    throw new InvalidArgumentError(`It ${forwardTimeRule}.`);
  return text;
}

/** The options of commands that start both services. */
export function emulatedTimeOptions(): Option[] {
  return [
    new Option(
      "--emulate-forward-ms <forward+row>",
      "emulated time of a target forward, such as 30+1; 0 is the real time",
    ),
    new Option(
      "--emulate-draft-ms <forward+row>",
      "emulated time of a draft forward, such as 6; 0 is the real time",
    ),
  ].map((option) => option.argParser(parseForwardMs));
}

/**
 * What opens a model with the time that a flag gives it.
 * @throws UsageError with a provider other than cpu
 */
export function emulationOf(
  flag: string,
  text: string | undefined,
  provider = "cpu",
): { readonly emulatedForwardMs?: string } {
  if (text === undefined) return {};
  if (provider !== "cpu")
    throw new UsageError(`${flag} ${text} is for --provider cpu only, got --provider ${provider}`);
  return { emulatedForwardMs: text };
}

/** Whether there is a time to wait for. */
export function isEmulated(text: string | undefined): text is string {
  return text !== undefined && text !== "0";
}

/** A sentence that says so; undefined where all model time is real. */
export function sayEmulated({ emulateForwardMs, emulateDraftMs }: EmulatedTimes) {
  const times = { "a target forward": emulateForwardMs, "a draft forward": emulateDraftMs };
  const parts = Object.entries(times).flatMap(([what, text]) =>
    isEmulated(text) ? [`${what} ${spell(text)}`] : [],
  );
  return parts.length === 0 ? undefined : `Model time is emulated: ${parts.join(", ")}.`;
}

/** "30+1" as "30 ms + 1 ms for each row after the first". */
function spell(text: string): string {
  const [forwardMs, rowMs] = text.split("+");
  return rowMs === undefined
    ? `${forwardMs} ms`
    : `${forwardMs} ms + ${rowMs} ms for each row after the first`;
}
