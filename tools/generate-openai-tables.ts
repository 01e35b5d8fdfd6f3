// The tables of docs/openai.md, from the schemas that check requests. `npm run generate` writes them,
// `npm run generated` fails when what is there is something else.
import { readFileSync, writeFileSync } from "node:fs";
import { conformanceTable, endpoints } from "../services/gateway/src/index.ts";

const file = "docs/openai.md";
const before = readFileSync(file, "utf8");
let text = before;
for (const endpoint of endpoints) {
  const begin = `<!-- fields of ${endpoint.path} -->`;
  const end = "<!-- end -->";
  const at = text.indexOf(begin);
  const until = text.indexOf(end, at);
  if (at < 0 || until < 0) throw new Error(`${file} has no place for ${endpoint.path}`);
  text = `${text.slice(0, at)}${begin}\n${conformanceTable(endpoint)}\n${text.slice(until)}`;
}
if (!process.argv.includes("--check")) writeFileSync(file, text);
else if (text !== before) {
  console.error(`${file} differs from the schemas: npm run generate`);
  process.exitCode = 1;
}
