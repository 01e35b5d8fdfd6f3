import { displayValue } from "@adaedl/core";
import * as z from "zod/mini";
import { compilePattern } from "./pattern.ts";

/** One character, as the reference implementation's `char`. */
export const charSchema = z
  .string()
  .check(z.refine((text) => [...text].length === 1, { error: "must be one character" }));

/** What a part of tokenizer.json matches in a text, compiled; an expression costs what its author likes. */
export const patternSchema = z.pipe(
  z.union(
    [
      z.strictObject({ String: z.string().check(z.minLength(1)) }),
      z.strictObject({ Regex: z.string().check(z.minLength(1)) }),
    ],
    {
      error: 'must be {"String": text} or {"Regex": expression}',
    },
  ),
  z.transform((pattern, context) => {
    try {
      return Object.assign(compilePattern(pattern), { isLiteral: "String" in pattern });
    } catch (error) {
      context.issues.push({ code: "custom", message: (error as Error).message, input: pattern });
      return z.NEVER;
    }
  }),
);

/**
 * Reads a component of tokenizer.json (its normalizer, say) by its schema.
 * @throws Error that names the field, its value and the rule
 */
export function parseComponent<T>(name: string, schema: z.ZodMiniType<T>, component: unknown): T {
  const parsed = schema.safeParse(component);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path ?? [];
  const value = valueAt(component, path);
  const got = value === undefined ? "none" : displayValue(value);
  throw new Error(`${[name, ...path].join(".")} ${rule(issue)}, got ${got}`);
}

function rule(issue: z.core.$ZodIssue | undefined): string {
  switch (issue?.code) {
    case "invalid_union":
      return "discriminator" in issue ? "is not supported" : issue.message;
    case "invalid_type":
      return `must be of type ${issue.expected}`;
    case "invalid_value":
      return `must be one of ${issue.values.join(", ")}`;
    default:
      return issue?.message ?? "is not valid";
  }
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce(
    (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );
}
