import { supportedArchitectures } from "../../packages/model/src/directory/architectures.ts";
import { configFields } from "../../packages/model/src/directory/config-fields.ts";
import { type FieldTable, harmlessNames } from "../../packages/model/src/directory/field-table.ts";
import { generationFields } from "../../packages/model/src/directory/generation-fields.ts";
import { ropeTypes } from "../../packages/model/src/directory/rope.ts";
import { harmlessTensors } from "../../packages/model/src/graph/check-weights.ts";

const end = "<!-- end -->";

/** The page with the tables of fields and tensors as the loader has them. */
export function withModelTables(page: string): string {
  const tables: Readonly<Record<string, string>> = {
    architectures: `${codes(supportedArchitectures)}; rotary scaling: ${codes(Object.keys(ropeTypes))}`,
    "fields of config.json": fieldTable(configFields),
    "fields of generation_config.json": fieldTable(generationFields),
    "harmless names": list(harmlessNames),
    "harmless tensors": list(harmlessTensors),
  };
  return Object.entries(tables).reduce((text, [name, table]) => {
    const begin = `<!-- ${name} -->`;
    const at = text.indexOf(begin);
    const until = text.indexOf(end, at);
    if (at < 0 || until < 0) throw new Error(`there is no place for ${name}`);
    return `${text.slice(0, at)}${begin}\n${table}\n${text.slice(until)}`;
  }, page);
}

function fieldTable({ used, harmless, limited }: FieldTable): string {
  const rows = [
    ["used", codes(used), ""],
    ...harmless.map(({ fields, reason }) => ["harmless", codes(fields), reason]),
    ...limited.map(({ fields, values }) => {
      const accepted = values.length === 0 ? [] : [codes(values.map(String))];
      const absent = (values as readonly unknown[]).includes(true) ? "`null`" : "empty";
      return ["refused", codes(fields), `unless ${[...accepted, absent].join(" or ")}`];
    }),
  ];
  const lines = rows.map((cells) => `| ${cells.join(" | ")} |`);
  return ["| | fields | |", "|---|---|---|", ...lines].join("\n");
}

function list(entries: readonly { readonly pattern: RegExp; readonly reason: string }[]): string {
  return entries.map(({ pattern, reason }) => `- \`${pattern.source}\`: ${reason}`).join("\n");
}

function codes(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
