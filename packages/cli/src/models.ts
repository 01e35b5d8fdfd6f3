import type { SpeculatorOptions } from "@adaedl/engine";
import { type ExamplePairName, exampleModelDirectory, examplePair } from "@adaedl/example-models";

/** The models to use, as named on the command line. */
export interface ModelOptions {
  readonly target?: string;
  /** "none" for no draft model. */
  readonly draft?: string;
  readonly pair: ExamplePairName;
  readonly provider?: string;
  readonly threads?: number;
}

/** The directory of a model given by path or by the name of a built-in one. */
export function modelDirectory(name: string): string {
  return exampleModelDirectory(name) ?? name;
}

/** The built-in pair fills in what is not named; its draft goes with its own target only. */
export function chooseModels(options: ModelOptions): SpeculatorOptions {
  const { target, provider, threads } = options;
  const pair = examplePair(options.pair);
  const draft = options.draft ?? (target === undefined ? pair.draft : "none");
  const open = (name: string) => ({
    directory: modelDirectory(name),
    ...(provider === undefined ? {} : { provider }),
    ...(threads === undefined ? {} : { numThreads: threads }),
  });
  return {
    target: open(target ?? pair.target),
    draft: draft === "none" ? undefined : open(draft),
  };
}
