import { expect, it } from "vitest";
import { parseHostNames, parseOrigins } from "./values.ts";

it.each([
  ["https://app.example", ["https://app.example"]],
  [
    "HTTPS://App.Example:443/, http://localhost:3000",
    ["https://app.example", "http://localhost:3000"],
  ],
  ["http://[::1]:8080,tauri://localhost", ["http://[::1]:8080", "tauri://localhost"]],
  ["*", ["*"]],
])("reads the origins %s as browsers send them", (text, origins) => {
  expect(parseOrigins(text)).toEqual(origins);
});

it.each([
  ...["app.example", "https://", "https://a.example/path", "https://a.example/?b", "null"],
  ...[
    "https://me@a.example",
    "https://*.example",
    "https://a.example,",
    "localhost:3000",
    "file:///",
  ],
])("refuses %j as an origin", (text) => {
  expect(() => parseOrigins(text)).toThrow(/^It must be origins separated by commas/);
});

it("reads names of hosts, and refuses what is none", () => {
  const names = "Gateway, .svc.cluster.local,*";
  expect(parseHostNames(names)).toEqual(["gateway", ".svc.cluster.local", "*"]);
  for (const wrong of ["", "a:80", "http://a", "a,", "*.a", "a b", "."])
    expect(() => parseHostNames(wrong)).toThrow(/^It must be names/);
});
