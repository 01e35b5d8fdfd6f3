import { invalidField } from "../errors.ts";
import type { PolicyContext } from "./policy-context.ts";
import type { ParamRule, PolicyDefinition, PolicyParams } from "./policy-definition.ts";

/** For help texts and error messages. */
export function formsOf(definitions: readonly { readonly form: string }[]): string {
  return definitions.map(({ form }) => form).join(", ");
}

/**
 * Makes a fresh policy from its specification: a name, and after a colon its parameters as
 * `name=value,name=value`, or the one value of a policy that needs no name for it (`static:5`).
 * @param definitions of the policies that there are
 * @throws AdaedlError `invalid_argument` for an unknown policy or parameter, or a bad value
 */
export function createPolicy<Policy>(
  definitions: readonly PolicyDefinition<PolicyParams, Policy>[],
  spec: string,
  context: PolicyContext,
): Policy {
  const colon = spec.indexOf(":");
  const name = colon < 0 ? spec : spec.slice(0, colon);
  const definition = definitions.find((one) => one.name === name);
  if (definition === undefined)
    throw invalidField("policy", spec, `must be one of ${formsOf(definitions)}`);
  const written = colon < 0 ? new Map() : writtenParams(definition, spec, spec.slice(colon + 1));
  const params = readParams(definition, spec, written);
  return definition.create(params, specOf(definition, params), context);
}

/** How a policy is written: all of its definition but how it is made. */
type Notation = Omit<PolicyDefinition, "create">;

/** The parameters as they stand there, by name. */
function writtenParams(definition: Notation, spec: string, argument: string): Map<string, string> {
  const { name, params, shortParam } = definition;
  if (shortParam !== undefined && /^[^=,]+$/.test(argument))
    return new Map([[shortParam, argument]]);
  const written = new Map<string, string>();
  for (const part of argument.split(",")) {
    const [param = "", text, ...more] = part.split("=");
    if (!Object.hasOwn(params, param) || text === undefined || more.length > 0)
      throw invalidField("policy", spec, usageOf(definition));
    if (written.has(param)) throw invalidField("policy", spec, `${name} takes one ${param}`);
    written.set(param, text);
  }
  return written;
}

function readParams(
  { name, form, params }: Notation,
  spec: string,
  written: ReadonlyMap<string, string>,
): PolicyParams {
  const values = Object.entries(params).map(([param, rule]) => {
    const text = written.get(param);
    const value = text === undefined ? rule.default : readValue(text, rule);
    if (value !== undefined) return [param, value] as const;
    if (text === undefined) throw invalidField("policy", spec, `${name} is written ${form}`);
    throw invalidField(`policy ${name} ${param}`, text, rule.rule);
  });
  return Object.fromEntries(values);
}

/** Undefined where the rule forbids it. */
function readValue(text: string, { words, isValid }: ParamRule): number | string | undefined {
  if (words?.includes(text)) return text;
  const isNumber = /^-?(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(text);
  const value = isNumber ? Number(text) : Number.NaN;
  return isValid(value) ? value : undefined;
}

function usageOf({ name, params, shortParam }: Notation): string {
  const names = Object.keys(params);
  if (names.length === 0) return `${name} takes no parameters`;
  const alone = shortParam === undefined ? "" : `, or ${shortParam} alone`;
  return `${name} takes name=value for ${names.join(", ")}${alone}`;
}

/** The specification with every parameter spelled out, in the order of the definition. */
function specOf({ name, params, shortParam }: Notation, values: PolicyParams): string {
  const [first, ...others] = Object.keys(params);
  if (first === undefined) return name;
  if (first === shortParam && others.length === 0) return `${name}:${values[first]}`;
  return `${name}:${[first, ...others].map((param) => `${param}=${values[param]}`).join(",")}`;
}
