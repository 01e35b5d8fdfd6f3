export {
  type RunningVerifier,
  startVerifier,
  type VerifierOptions,
  type VerifierStatus,
} from "./start-verifier.ts";
