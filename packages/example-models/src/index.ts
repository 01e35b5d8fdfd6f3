export {
  type ExampleModelName,
  exampleModelDirectory,
  exampleModelNames,
} from "./model-directory.ts";
export {
  type ExamplePairName,
  examplePair,
  examplePairNames,
  isExamplePairName,
} from "./pair.ts";
export { examplePrompts } from "./prompts.ts";
