import { UsageError } from "../../fail.ts";
import { createProgressBar } from "../../output/progress-bar.ts";
import { openPair } from "../../remote/open-pair.ts";
import { benchmarkOnly, type PoliciesOptions } from "./policies-options.ts";

const wallPolicies = ["none", "static:3", "static:7", "static:16", "adaedl", "stream"];

/** Compares by real processes on this machine. */
export async function byWall(options: PoliciesOptions, signal: AbortSignal) {
  checkOptions(options);
  const unusable = (options.policies ?? []).filter((policy) => benchmarkOnly.includes(policy));
  if (unusable.length > 0)
    throw new UsageError(`${unusable.join(", ")}: known to the virtual clock only`);
  const { measureWall } = await import("@adaedl/bench");
  const temperatures = options.temperatures ?? [0.7];
  const rttsMs = options.rttMs ?? [0, 20];
  const policies = options.policies ?? wallPolicies;
  const numConditions = options.pair.length * rttsMs.length * temperatures.length;
  const bar = createProgressBar(
    numConditions * policies.length * (options.repetitions + 1) * options.verification.length,
    "runs",
  );
  try {
    const cells = await measureWall(
      {
        pairs: options.pair,
        policies,
        verifications: options.verification,
        rttsMs,
        temperatures,
        numPrompts: options.numPrompts ?? (options.quick ? 2 : 6),
        numTokens: options.maxTokens ?? (options.quick ? 48 : 128),
        numRepetitions: options.repetitions,
      },
      (pair, rttMs, signal) => openPair(pair, rttMs, signal, { ...options, isMeasured: true }),
      () => bar.step(),
      signal,
    );
    return { cells, guesses: [], matches: [] };
  } finally {
    bar.end();
  }
}

/** What the wall clock would otherwise leave aside in silence. */
function checkOptions(options: PoliciesOptions): void {
  const { preset, draftMs, verifyMs, forwardPriceMs, prompts, repetitive } = options;
  const given = {
    "--preset": preset,
    "--draft-ms": draftMs,
    "--verify-ms": verifyMs,
    "--forward-price-ms": forwardPriceMs,
    "--prompts": prompts,
    "--repetitive": repetitive,
  };
  const unused = Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  );
  if (unused.length > 0)
    throw new UsageError(`${unused.join(", ")}: for the virtual clock only, not for --clock wall`);
}
