import { adaedl } from "./adaedl.ts";
import { confidence } from "./confidence.ts";
import { draftVerify } from "./draft-verify.ts";
import { heuristic } from "./heuristic.ts";
import { maxConfidence } from "./max-confidence.ts";
import type { PolicyDefinition } from "./policy-definition.ts";
import { staticLength } from "./static.ts";
import { svip } from "./svip.ts";
import { ucb } from "./ucb.ts";

/** Every stopping policy there is, in the order in which help lists them (docs/policies.md). */
export const stoppingPolicyDefinitions: readonly PolicyDefinition[] = [
  staticLength,
  adaedl,
  maxConfidence,
  svip,
  confidence,
  draftVerify,
  heuristic,
  ucb,
];
