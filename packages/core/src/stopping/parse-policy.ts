import { policyDefinitions } from "./definitions.ts";
import type { StoppingPolicy } from "./policy.ts";
import type { PolicyContext } from "./policy-context.ts";
import { createPolicy, formsOf } from "./policy-spec.ts";

/** What `--policy` accepts, for help texts and error messages. */
export const policyForms = formsOf(policyDefinitions);

/**
 * Makes a fresh stopping policy from its specification, see `createPolicy`.
 * @throws AdaedlError `invalid_argument` for an unknown policy or parameter, or a bad value
 */
export function parsePolicy(spec: string, context: PolicyContext = {}): StoppingPolicy {
  return createPolicy(policyDefinitions, spec, context);
}
