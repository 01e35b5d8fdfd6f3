import type { StoppingPolicy } from "./policy.ts";
import type { PolicyContext } from "./policy-context.ts";

/** A kind of policy: how it is written down, and how one is made. */
export interface PolicyDefinition<
  Params extends PolicyParams = PolicyParams,
  Policy = StoppingPolicy,
> {
  readonly name: string;
  /** For help texts and error messages, such as `static:K`. */
  readonly form: string;
  /** In the order in which they are written. */
  readonly params: { readonly [Name in keyof Params]: ParamRule };
  /** The parameter that may be written alone and without its name, as in `static:5`. */
  readonly shortParam?: keyof Params & string;
  /** @param spec the specification with every parameter spelled out */
  create(params: Params, spec: string, context: PolicyContext): Policy;
}

export type PolicyParams = Readonly<Record<string, number | string>>;

/** What a parameter may be. */
export interface ParamRule {
  /** Absent: it has to be given. */
  readonly default?: number | string | undefined;
  /** Says after the parameter's name what it must be, such as "must be from 0 to 1". */
  readonly rule: string;
  /** Whether it may be this number; NaN stands for what is not written as one. */
  isValid(value: number): boolean;
  /** Words it may be instead of a number, such as `auto`. */
  readonly words?: readonly string[];
}
