import { AdaedlError, invalidField } from "@adaedl/core";
import type * as z from "zod";

/**
 * Checks a body against its schema. A null counts as absent wherever it stands, also in fields that nobody
 * knows: SDKs write down every field that they have.
 * @param body parsed JSON; the null fields are taken out of it
 * @throws AdaedlError `invalid_argument` naming the field as the request has it, its value and the rule
 */
export function parseBody<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
): z.output<Schema> {
  dropNulls(body);
  const result = schema.safeParse(body, { reportInput: true });
  if (result.success) return result.data;
  throw errorOf(result.error.issues[0] as z.core.$ZodIssue);
}

/** Takes out fields that are null. Items of lists stay: without one, the others would move. */
function dropNulls(value: unknown): void {
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === "object") dropNulls(item);
  } else if (typeof value === "object" && value !== null) {
    const fields = value as Record<string, unknown>;
    for (const name of Object.keys(fields))
      if (fields[name] === null) delete fields[name];
      else if (typeof fields[name] === "object") dropNulls(fields[name]);
  }
}

function errorOf(issue: z.core.$ZodIssue): AdaedlError {
  const field = fieldName(issue.path);
  if (issue.code === "unrecognized_keys") {
    const name = fieldName([...issue.path, issue.keys[0] ?? ""]);
    return new AdaedlError("invalid_argument", `${name} is not a field of this request`, {
      field: name,
    });
  }
  // A key of an object is wrong, not its value: the rule is about the object.
  if (issue.code === "invalid_key")
    return invalidField(fieldName(issue.path.slice(0, -1)), issue.path.at(-1), keyRule(issue));
  if (field === "")
    return new AdaedlError("invalid_argument", `the body ${issue.message}`, { value: issue.input });
  return invalidField(field, issue.input, issue.message);
}

function keyRule({ issues }: z.core.$ZodIssueInvalidKey): string {
  return issues[0]?.message ?? "has a key that is not allowed";
}

/** `messages[0].content`, `adaedl.max_draft` */
function fieldName(path: readonly PropertyKey[]): string {
  return path.reduce<string>((name, part) => {
    if (typeof part === "number") return `${name}[${part}]`;
    return name === "" ? String(part) : `${name}.${String(part)}`;
  }, "");
}
