import { existsSync } from "node:fs";
import type { DrafterKind, WeightPrecision } from "@adaedl/core";
import type { SpeculatorOptions } from "@adaedl/engine";
import {
  type ExamplePairName,
  exampleModelDirectory,
  exampleModelNames,
  examplePair,
} from "@adaedl/example-models";
import { UsageError } from "./fail.ts";
import { draftWeightsOf, type PairWeights } from "./settings/weights.ts";

/** The models to use, as named on the command line. */
export interface ModelOptions extends PairWeights {
  readonly target?: string;
  /** "none" for no draft model. */
  readonly draft?: string;
  readonly drafter?: readonly DrafterKind[];
  readonly pair: ExamplePairName;
  readonly provider?: string;
  readonly threads?: number;
}

/**
 * The directory of a model given by path or by the name of a built-in one.
 * @throws UsageError for a name that is neither; a path that begins with / or . is checked where it is read
 */
export function modelDirectory(name: string): string {
  const builtIn = exampleModelDirectory(name);
  if (builtIn !== undefined) return builtIn;
  if (/^\.{0,2}[\\/]/.test(name) || existsSync(name)) return name;
  const alike = exampleModelNames.filter((known) => name !== "" && known.startsWith(name));
  const names = alike.length > 0 ? alike : exampleModelNames;
  throw new UsageError(
    `a model must be a directory or one of ${names.join(", ")}, got ${JSON.stringify(name)} ` +
      "(docs/models.md shows how to get a model)",
  );
}

/** The built-in pair fills in what is not named; its draft goes with its own target only. */
export function chooseModels(options: ModelOptions): SpeculatorOptions {
  const { target, drafter: drafters, provider, threads } = options;
  const pair = examplePair(options.pair);
  const isWanted = drafters?.includes("model") ?? true;
  const draft =
    (isWanted && options.draft) || (isWanted && target === undefined ? pair.draft : "none");
  const draftWeights = draftWeightsOf("--draft-weights", options.draftWeights, draft !== "none");
  const open = (name: string, weights?: WeightPrecision) => ({
    directory: modelDirectory(name),
    ...(weights === undefined ? {} : { weights }),
    ...(provider === undefined ? {} : { provider }),
    ...(threads === undefined ? {} : { numThreads: threads }),
  });
  return {
    target: open(target ?? pair.target, options.weights),
    draft: draft === "none" ? undefined : open(draft, draftWeights),
    drafters,
  };
}
