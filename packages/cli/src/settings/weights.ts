import { type WeightPrecision, weightPrecisions } from "@adaedl/core";
import { Option } from "commander";
import { UsageError } from "../fail.ts";

/** A draft model's precision on the command line: one of them, or the one that suits its size. */
export const draftWeightChoices = ["auto", ...weightPrecisions] as const;
export type DraftWeights = (typeof draftWeightChoices)[number];
export const defaultDraftWeightChoice: DraftWeights = "auto";
/** For the help. */
export const autoDraftWeights = "auto: int8 above 100 million parameters on the CPU";

/** In which precisions a pair of models runs, as the command line says it. */
export interface PairWeights {
  readonly weights?: WeightPrecision;
  readonly draftWeights?: DraftWeights;
}

const option = (flags: string, description: string) => new Option(flags, description);

/** `--weights` and `--draft-weights`. */
export function weightOptions(declare = option): Option[] {
  return [
    declare(
      "--weights <precision>",
      "of the target's weights: f32 (default), int8, int4; each writes texts of its own",
    ).choices(weightPrecisions),
    declare(
      "--draft-weights <precision>",
      `of the draft model's: changes the speed only (${autoDraftWeights})`,
    )
      .choices(draftWeightChoices)
      .default(defaultDraftWeightChoice),
  ];
}

/**
 * The precision of a draft model; undefined: chosen by its size.
 * @param flag that it was given by
 * @throws UsageError when one is named and there is no draft model
 */
export function draftWeightsOf(
  flag: string,
  weights: DraftWeights = defaultDraftWeightChoice,
  hasModel = true,
): WeightPrecision | undefined {
  if (weights === "auto") return undefined;
  if (!hasModel) throw new UsageError(`${flag} ${weights} has nothing to do without a draft model`);
  return weights;
}

/** Both as arguments of the services, one for each. */
export function weightArguments({ weights, draftWeights }: PairWeights): {
  readonly verifier: readonly string[];
  readonly draft: readonly string[];
} {
  const of = (value: string | undefined) => (value === undefined ? [] : ["--weights", value]);
  return { verifier: of(weights), draft: of(draftWeights) };
}
