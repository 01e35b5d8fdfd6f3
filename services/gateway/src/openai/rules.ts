import { isDeepStrictEqual } from "node:util";
import * as z from "zod";

/** The one place where a field says what it is; the table of docs/openai.md is made of it. */
function described<Schema extends z.ZodType>(schema: Schema, description: string): Schema {
  return schema.meta({ description }) as Schema;
}

/** A field that may be left out, or null. */
export function optional<Schema extends z.ZodType>(schema: Schema, description: string) {
  return described(schema.nullish(), description);
}

/** Like every schema here it has one rule for whatever is wrong: "must be …". */
export function numberWithin(low: number, high: number) {
  const error = `must be a number from ${low} to ${high}`;
  return z.number({ error }).min(low, { error }).max(high, { error });
}

/** Without `low` itself. */
export function numberAbove(low: number, high: number) {
  const error = `must be a number above ${low}, at most ${high}`;
  return z.number({ error }).gt(low, { error }).max(high, { error });
}

export function integerWithin(low: number, high: number) {
  const upTo = high === Number.MAX_SAFE_INTEGER ? "2^53 - 1" : high;
  const error = `must be a whole number from ${low} to ${upTo}`;
  return z.int({ error }).min(low, { error }).max(high, { error });
}

export function flag() {
  return z.boolean({ error: "must be true or false" });
}

export function text(error = "must be a string") {
  return z.string({ error });
}

/** A name or the like, which is looked up, logged or passed on as it is. */
export function textWithin(most: number) {
  const error = `must be a string of at most ${most} characters`;
  return z.string({ error }).max(most, { error });
}

/**
 * A list, checked up to its first wrong item. `z.array` goes on and keeps issues of each, which for a body
 * of millions takes a minute and gigabytes.
 * @param error for what is no list, or one of fewer than `least` or more than `most` items
 */
export function list<Item extends z.ZodType>(
  item: Item,
  { least = 0, most }: { readonly least?: number; readonly most: number },
  error: string,
) {
  const { $schema: _, ...items } = z.toJSONSchema(item, { io: "input" });
  return z
    .unknown()
    .transform((value, { issues }): z.output<Item>[] => {
      const checked: z.output<Item>[] = [];
      if (!Array.isArray(value) || value.length < least || value.length > most) {
        issues.push({ code: "custom", message: error, input: value, path: [] });
        return checked;
      }
      for (const [index, one] of value.entries()) {
        // Not `safeParse`: a union needs to know which issues are of the right type all the same.
        const result = item._zod.run({ value: one, issues: [] }, { async: false });
        if (result instanceof Promise) throw new Error("a rule of a body waits for nothing");
        const [first] = result.issues;
        if (first !== undefined) {
          issues.push({ ...first, path: [index, ...(first.path ?? [])] });
          break;
        }
        checked.push(result.value as z.output<Item>);
      }
      return checked;
    })
    .meta({ type: "array", items: { ...items }, minItems: least, maxItems: most });
}

/** What a field is called that clients of OpenAI may send and that does nothing here. */
export const unsupportedMark = "x-unsupported";

/**
 * A field that the API has and we have not: only values that ask for nothing are taken, so that no
 * request is answered as if it had not asked.
 * @param neutral besides null
 */
export function unsupported(description: string, ...neutral: readonly unknown[]) {
  const taken = neutral.map((value) => JSON.stringify(value)).join(" or ");
  const error = `is not supported${taken === "" ? "" : `, only ${taken}`}`;
  const isNeutral = (value: unknown) =>
    value === undefined || value === null || neutral.some((one) => isDeepStrictEqual(one, value));
  return z
    .unknown()
    .refine(isNeutral, { error })
    .optional()
    .meta({
      description,
      [unsupportedMark]: true,
      ...(neutral.length > 0 && { enum: [null, ...neutral] }),
    });
}
