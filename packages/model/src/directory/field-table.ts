import { AdaedlError, displayValue } from "@adaedl/core";

/**
 * What is known about the fields of a JSON document. A field that is in none of the lists is refused,
 * unless its value is empty or its name marks it as bookkeeping (`harmlessNames`).
 */
export interface FieldTable {
  /** Fields that are read. */
  readonly used: readonly string[];
  /** Fields that cannot change a text. */
  readonly harmless: readonly { readonly fields: readonly string[]; readonly reason: string }[];
  /** Fields that leave a text alone with these values (and empty ones) and are refused otherwise. */
  readonly limited: readonly {
    readonly fields: readonly string[];
    readonly values: readonly (string | number | boolean)[];
  }[];
}

/** Names of fields that cannot change a text, whatever the document. */
export const harmlessNames: readonly { readonly pattern: RegExp; readonly reason: string }[] = [
  { pattern: /^_/, reason: "private bookkeeping of transformers" },
  { pattern: /_version$/, reason: "which release of a tool wrote the file" },
  { pattern: /^unsloth_/, reason: "bookkeeping of a training tool" },
  { pattern: /_token_id$/, reason: "token ids come from the tokenizer's files" },
  { pattern: /dropout|pdrop/, reason: "training only" },
];

/**
 * Refuses the first field that could change a text and is neither read nor harmless.
 * @param file for the message
 * @param prefix path of a nested object, with its dot
 * @throws AdaedlError `unimplemented` naming file, field and value
 */
export function checkFields(
  fields: Readonly<Record<string, unknown>>,
  table: FieldTable,
  file: string,
  prefix = "",
): void {
  const used = new Set(table.used);
  const harmless = new Set(table.harmless.flatMap((group) => group.fields));
  for (const [name, value] of Object.entries(fields)) {
    if (used.has(name) || harmless.has(name)) continue;
    const field = `${prefix}${name}`;
    const limits = table.limited.find((group) => group.fields.includes(name));
    if (limits !== undefined) {
      const values: readonly unknown[] = limits.values;
      // Where true is the rule, false is not the absence of something.
      const isAbsent = values.includes(true) ? value === null : isEmpty(value);
      if (isAbsent || values.includes(value)) continue;
      const supported = limits.values.map((each) => JSON.stringify(each)).join(", ");
      throw unsupportedField(file, field, value, supported || "absent");
    }
    if (isEmpty(value) || harmlessNames.some(({ pattern }) => pattern.test(name))) continue;
    throw new AdaedlError(
      "unimplemented",
      `${file}: ${field} ${displayValue(value)} is not a known field: remove it if the model computes the same without it`,
      { field, value },
    );
  }
}

/** The error of a value that cannot be run. */
export function unsupportedField(
  file: string,
  field: string,
  value: unknown,
  supported: string,
): AdaedlError {
  return new AdaedlError(
    "unimplemented",
    `${file}: ${field} ${displayValue(value)} is not supported (supported: ${supported})`,
    { field, value },
  );
}

/** The error of a value that breaks a rule or contradicts another field. */
export function invalidFieldIn(
  file: string,
  field: string,
  value: unknown,
  rule: string,
): AdaedlError {
  const problem =
    value === undefined ? `is missing: it ${rule}` : `${rule}, got ${displayValue(value)}`;
  return new AdaedlError("invalid_argument", `${file}: ${field} ${problem}`, { field, value });
}

/** Whether a value stands for a feature that is absent or switched off. */
function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
