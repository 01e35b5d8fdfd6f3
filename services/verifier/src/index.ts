export {
  checkVerifierOptions,
  type RedisSettings,
  type VerifierOptions,
  type VerifierRole,
  verifierRoles,
} from "./options.ts";
export { type RunningVerifier, startVerifier } from "./start-verifier.ts";
export type { VerifierStatus } from "./verifier-parts.ts";
