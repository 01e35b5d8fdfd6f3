import { AdaedlError } from "@adaedl/core";
import type { z } from "zod";

/** @throws AdaedlError `invalid_argument` naming the field that is wrong first */
export function parsePlain<Schema extends z.ZodType>(
  schema: Schema,
  plain: unknown,
  what: string,
): z.infer<Schema> {
  const parsed = schema.safeParse(plain);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = [what, ...(issue?.path ?? [])].join(".");
  throw new AdaedlError(
    "invalid_argument",
    `${field}: ${issue?.message ?? "it has no such form"}`,
    {
      field,
    },
  );
}
