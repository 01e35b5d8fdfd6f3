import { inspect } from "node:util";
import { AdaedlError, type ErrorCode } from "@adaedl/core";
import { CommanderError } from "commander";

export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  interrupted: 130,
  terminated: 143,
} as const;

/** Thrown when the command line or the request is wrong, as opposed to a model that fails. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const requestCodes: readonly ErrorCode[] = ["invalid_argument", "out_of_range"];

/**
 * Runs a part that checks or encodes what the user asked for: what it refuses there is the user's
 * input. The same codes mean a broken file where a model is opened, so the code alone cannot tell.
 */
export async function asRequest<T>(part: () => T | Promise<T>): Promise<T> {
  try {
    return await part();
  } catch (error) {
    if (error instanceof AdaedlError && requestCodes.includes(error.code))
      throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

/**
 * Says on stderr in one line what went wrong; with `verbose` also where.
 * @returns the exit code
 */
export function reportFailure(error: unknown, verbose: boolean): number {
  if (error instanceof CommanderError) {
    // Help is no mistake unless commander shows it for want of a command; it has been printed.
    if (error.exitCode === 0) return exitCodes.ok;
    if (error.code !== "commander.help") printLine(error.message.replace(/^error: /, ""));
    return exitCodes.usage;
  }
  printLine(error instanceof Error ? error.message : String(error));
  if (verbose) process.stderr.write(`${inspect(error)}\n`);
  return error instanceof UsageError ? exitCodes.usage : exitCodes.failure;
}

/** One line on stderr under the command's name. */
export function printLine(message: string): void {
  process.stderr.write(`adaedl: ${message.trim().replace(/\s*\n\s*/g, " ")}\n`);
}
