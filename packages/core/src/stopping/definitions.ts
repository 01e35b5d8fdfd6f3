import { adaedl } from "./adaedl.ts";
import { adaedlRate } from "./adaedl-rate/adaedl-rate.ts";
import { confidence } from "./confidence.ts";
import { draftVerify } from "./draft-verify.ts";
import { heuristic } from "./heuristic.ts";
import { maxConfidence } from "./max-confidence.ts";
import { none } from "./none.ts";
import type { PolicyDefinition } from "./policy-definition.ts";
import { staticLength } from "./static.ts";
import { svip } from "./svip.ts";
import { ucb } from "./ucb.ts";

/** Every stopping policy there is, in the order in which help lists them (docs/policies.md). */
export const policyDefinitions: readonly PolicyDefinition[] = [
  none,
  staticLength,
  adaedl,
  adaedlRate,
  maxConfidence,
  svip,
  confidence,
  draftVerify,
  heuristic,
  ucb,
];
