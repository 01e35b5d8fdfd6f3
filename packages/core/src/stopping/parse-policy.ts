import { invalidField } from "../errors.ts";
import { type AdaedlParams, adaedlDefaults, createAdaedlPolicy } from "./adaedl.ts";
import { createNonePolicy } from "./none.ts";
import type { StoppingPolicy } from "./policy.ts";
import { createStaticPolicy } from "./static.ts";

/** What `--policy` accepts, for help texts and error messages. */
export const policyForms = "none, static:K, adaedl[:lambda=0.7,gamma=0.2,…]";

/** The longest draft anybody may ask for. */
export const longestDraftLength = 64;
const isLength = (value: number) =>
  Number.isInteger(value) && value >= 1 && value <= longestDraftLength;
const isFraction = (value: number) => value >= 0 && value <= 1;

const fraction = { rule: "must be from 0 to 1", isValid: isFraction };
const adaedlRules: Readonly<
  Record<keyof AdaedlParams, { rule: string; isValid: (value: number) => boolean }>
> = {
  gamma: { rule: "must be above 0 and at most 100", isValid: (x) => x > 0 && x <= 100 },
  lambda: fraction,
  alpha: fraction,
  beta1: fraction,
  beta2: fraction,
  eps: fraction,
  max: { rule: `must be a whole number from 1 to ${longestDraftLength}`, isValid: isLength },
};

/**
 * Makes a fresh policy from its specification: a name, and after a colon its parameters.
 * @throws AdaedlError `invalid_argument` for an unknown policy or parameter, or a bad value
 */
export function parsePolicy(spec: string): StoppingPolicy {
  const [name, ...rest] = spec.split(":");
  const argument = rest.length === 0 ? undefined : rest.join(":");
  switch (name) {
    case "none":
      if (argument !== undefined) throw invalidField("policy", spec, "none takes no parameters");
      return createNonePolicy();
    case "static": {
      const length = numberOf(argument);
      if (!isLength(length))
        throw invalidField(
          "policy",
          spec,
          `static:K needs a whole K from 1 to ${longestDraftLength}`,
        );
      return createStaticPolicy(length);
    }
    case "adaedl":
      return createAdaedlPolicy({ ...adaedlDefaults, ...adaedlParams(spec, argument) });
    default:
      throw invalidField("policy", spec, `must be one of ${policyForms}`);
  }
}

function adaedlParams(spec: string, argument: string | undefined): Partial<AdaedlParams> {
  const params: Record<string, number> = {};
  for (const part of argument?.split(",") ?? []) {
    const [name = "", text, ...more] = part.split("=");
    const isKnown = Object.hasOwn(adaedlRules, name);
    if (!isKnown || text === undefined || more.length > 0) {
      const names = Object.keys(adaedlRules).join(", ");
      throw invalidField("policy", spec, `adaedl takes name=value for ${names}`);
    }
    const value = numberOf(text);
    const { isValid, rule } = adaedlRules[name as keyof AdaedlParams];
    if (!isValid(value)) throw invalidField(`policy adaedl ${name}`, text, rule);
    params[name] = value;
  }
  return params;
}

/** NaN for anything that is not written as a plain decimal number. */
function numberOf(text: string | undefined): number {
  return text !== undefined && /^-?(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(text)
    ? Number(text)
    : Number.NaN;
}
