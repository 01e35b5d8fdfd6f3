import type { VerificationRuleName } from "@adaedl/core";
import type { Preset } from "./presets.ts";
import type { PairModels } from "./tape/open-pair-threads.ts";

/** What is compared: every policy under every combination of the rest. */
export interface Grid {
  readonly policies: readonly string[];
  readonly verifications: readonly VerificationRuleName[];
  readonly presets: readonly Preset[];
  readonly rttsMs: readonly number[];
  readonly temperatures: readonly number[];
}

/** The texts that are decoded. */
export interface Workload extends PairModels {
  readonly pair: string;
  readonly prompts: readonly string[];
  readonly numTokens: number;
  /** A text such as those that are decoded, for tables that begin with one. */
  readonly corpus?: string | undefined;
  /** What the target is taken to answer to each prompt, whole; absent: what the model does. */
  readonly answers?: readonly string[] | undefined;
}

/** The longest draft that is tried: of static lengths, and of what the models are asked for. */
export const longestTried = 16;
