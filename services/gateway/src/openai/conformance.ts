import * as z from "zod";
import type { Endpoint } from "./endpoints.ts";
import { unsupportedMark } from "./rules.ts";

/** What the schema says of one field. */
interface FieldFacts {
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, FieldFacts>>;
  readonly anyOf?: readonly FieldFacts[];
  readonly items?: FieldFacts;
  readonly [unsupportedMark]?: boolean;
}

/**
 * The table of an endpoint's fields, in Markdown: what is supported, and what is refused with a 400
 * that names the field. Made of the very schema that checks requests.
 */
export function conformanceTable({ schema }: Endpoint): string {
  const { properties = {} } = z.toJSONSchema(schema, { io: "input" }) as FieldFacts;
  const rows = fieldsOf(properties, "").toSorted((one, other) => rank(one) - rank(other));
  return ["| Field | | |", "| --- | --- | --- |", ...rows.map(toRow)].join("\n");
}

interface Field {
  readonly name: string;
  readonly facts: FieldFacts;
}

/** Fields of fields as well: `stream_options.include_usage`, `messages[].role`. */
function fieldsOf(properties: Readonly<Record<string, FieldFacts>>, prefix: string): Field[] {
  return Object.entries(properties).flatMap(([name, facts]) => {
    const field = { name: prefix + name, facts };
    const items = facts.items?.properties;
    if (items !== undefined) return [field, ...fieldsOf(items, `${prefix}${name}[].`)];
    const inner = facts.properties ?? facts.anyOf?.find((one) => one.properties)?.properties ?? {};
    return [field, ...fieldsOf(inner, `${prefix}${name}.`)];
  });
}

/** What is refused comes last. */
function rank({ facts }: Field): number {
  return facts[unsupportedMark] ? 1 : 0;
}

function toRow({ name, facts }: Field): string {
  const { description = "" } = facts;
  if (!facts[unsupportedMark]) return `| \`${name}\` | yes | ${description} |`;
  const neutral = (facts.enum ?? []).filter((value) => value !== null);
  const taken = neutral.map((value) => `\`${JSON.stringify(value)}\``).join(", ");
  const rule = taken === "" ? "400" : `400, unless ${taken}`;
  return `| \`${name}\` | ${rule} | ${description} |`;
}
