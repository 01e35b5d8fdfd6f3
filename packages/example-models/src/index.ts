export {
  type ExampleModelName,
  exampleModelDirectory,
  exampleModelNames,
} from "./model-directory.ts";
export {
  type ExamplePairName,
  examplePair,
  examplePairNames,
} from "./pair.ts";
export { type RepetitiveText, repetitiveTexts } from "./prompts/repetitive.ts";
export { examplePrompts } from "./prompts.ts";
