import { stoppingPolicyDefinitions } from "../stopping/definitions.ts";
import type { StoppingPolicy } from "../stopping/policy.ts";
import type { PolicyContext } from "../stopping/policy-context.ts";
import type { PolicyDefinition, PolicyParams } from "../stopping/policy-definition.ts";
import { createPolicy, formsOf } from "../stopping/policy-spec.ts";
import { plainStream, type StreamPolicy, stream, verifierStream } from "./stream-policy.ts";

/** How a text is drafted for: as a stream, or in rounds that a stopping policy ends. */
export type DraftingPolicy = StreamPolicy | RoundPolicy;

export interface RoundPolicy {
  readonly family: "rounds";
  readonly spec: string;
  readonly stopping: StoppingPolicy;
}

/** Every policy there is, in the order in which help lists them. */
export const policyDefinitions: readonly PolicyDefinition<PolicyParams, DraftingPolicy>[] = [
  plainStream,
  stream,
  verifierStream,
  ...stoppingPolicyDefinitions.map(inRounds),
];

/** What `parsePolicy` accepts, for help texts and error messages. */
export const policyForms = formsOf(policyDefinitions);

/**
 * Makes a fresh policy of either family from its specification, see `createPolicy`.
 * @throws AdaedlError `invalid_argument` for an unknown policy or parameter, a bad value, or a stream
 *   under the rejection rule
 */
export function parsePolicy(spec: string, context: PolicyContext = {}): DraftingPolicy {
  return createPolicy(policyDefinitions, spec, context);
}

function inRounds(definition: PolicyDefinition): PolicyDefinition<PolicyParams, RoundPolicy> {
  return {
    ...definition,
    create: (params, spec, context) => ({
      family: "rounds",
      spec,
      stopping: definition.create(params, spec, context),
    }),
  };
}
