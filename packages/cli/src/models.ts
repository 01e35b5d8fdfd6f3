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

/** A built-in pair fills in only what is not named, and its draft fits only its own target. */
export function chooseModels(options: ModelOptions): SpeculatorOptions {
  const { target, draft, provider, threads } = options;
  const pair = target === undefined ? examplePair(options.pair) : undefined;
  const settings = {
    ...(provider === undefined ? {} : { provider }),
    ...(threads === undefined ? {} : { numThreads: threads }),
  };
  const open = (name: string) => ({ directory: modelDirectory(name), ...settings });
  const draftName = draft === "none" ? undefined : (draft ?? pair?.draft);
  return {
    target: open(target ?? pair?.target ?? ""),
    draft: draftName === undefined ? undefined : open(draftName),
  };
}
