import { conformanceTable, endpoints } from "../../services/gateway/src/index.ts";

const end = "<!-- end -->";

/** The page with the table of each endpoint as its schema has it. */
export function withFieldTables(page: string): string {
  return endpoints.reduce((text, endpoint) => {
    const begin = `<!-- fields of ${endpoint.path} -->`;
    const at = text.indexOf(begin);
    const until = text.indexOf(end, at);
    if (at < 0 || until < 0) throw new Error(`there is no place for ${endpoint.path}`);
    return `${text.slice(0, at)}${begin}\n${conformanceTable(endpoint)}\n${text.slice(until)}`;
  }, page);
}
