export {
  type RedisSettings,
  type VerifierOptions,
  type VerifierRole,
  verifierRoles,
} from "./options.ts";
export { type RunningVerifier, startVerifier, type VerifierStatus } from "./start-verifier.ts";
