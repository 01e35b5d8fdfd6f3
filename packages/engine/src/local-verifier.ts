import type { Verifier } from "@adaedl/core";
import type { VerifierTerms } from "./generate.ts";
import type { TargetEngine } from "./target/target-engine.ts";

/** Numbers the texts of this process. */
let numOpened = 0;

/** The target in this process: one session for a text, since nothing between them can fail. */
export function localVerifier(engine: TargetEngine, terms: VerifierTerms): Verifier {
  return {
    async open(text, credit, why, signal) {
      if (why !== undefined) throw why;
      const sessionId = `local-${numOpened++}`;
      const tokenIds = [...text.tokenIds];
      return engine.open({ ...terms, sessionId, client: "", tokenIds, credit }, signal);
    },
  };
}
