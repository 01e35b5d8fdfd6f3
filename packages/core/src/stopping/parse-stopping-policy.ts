import { stoppingPolicyDefinitions } from "./definitions.ts";
import type { StoppingPolicy } from "./policy.ts";
import type { PolicyContext } from "./policy-context.ts";
import { createPolicy, formsOf } from "./policy-spec.ts";

/** What `--policy` accepts, for help texts and error messages. */
export const stoppingPolicyForms = formsOf(stoppingPolicyDefinitions);

/**
 * Makes a fresh stopping policy from its specification, see `createPolicy`.
 * @throws AdaedlError `invalid_argument` for an unknown policy or parameter, or a bad value
 */
export function parseStoppingPolicy(spec: string, context: PolicyContext = {}): StoppingPolicy {
  return createPolicy(stoppingPolicyDefinitions, spec, context);
}
