import { createRequire } from "node:module";

/** Shows how far something is that takes long. */
export interface ProgressBar {
  /**
   * @param numSteps done since the last call
   * @param note shown from now on; default: as before
   */
  step(numSteps?: number, note?: string): void;
  /** Leaves the bar as it is; what is printed next begins on a line of its own. */
  end(): void;
}

/**
 * A bar with the time that is left, on a terminal only: a log gets nothing.
 * @param total steps to come
 * @param label what is counted, in the plural
 * @param numDone steps that an earlier process made, which say nothing about the time that is left
 */
export function createProgressBar(
  total: number,
  label: string,
  stream: NodeJS.WriteStream = process.stderr,
  numDone = 0,
): ProgressBar {
  if (!stream.isTTY) return { step() {}, end() {} };
  // Every command loads this file, and few draw a bar.
  const require = createRequire(import.meta.url);
  const { Presets, SingleBar } = require("cli-progress") as typeof import("cli-progress");
  const bar = new SingleBar(
    {
      stream,
      format: `{bar} {value} of {total} ${label}{note} · {eta_formatted} left`,
      barsize: 30,
      etaBuffer: 50,
      fps: 4,
      hideCursor: false,
      gracefulExit: false, // signals are the command's to handle
    },
    Presets.shades_classic,
  );
  bar.start(total, numDone, { note: "" });
  return {
    step: (numSteps = 1, note) =>
      bar.increment(numSteps, note === undefined ? {} : { note: ` · ${note}` }),
    end: () => bar.stop(),
  };
}
