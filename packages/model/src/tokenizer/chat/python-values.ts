import type { JinjaValue } from "./jinja-library.ts";

/** `str(value)` of Python. */
export function str(value: JinjaValue): string {
  switch (value.type) {
    case "BooleanValue":
      return value.value === true ? "True" : "False";
    case "NullValue":
      return "None";
    case "UndefinedValue":
      return "";
    case "ArrayValue":
    case "TupleValue":
    case "ObjectValue":
      return repr(value);
    default:
      return value.toString();
  }
}

/** `repr(value)` of Python, as the items of a list are written. */
function repr(value: JinjaValue): string {
  switch (value.type) {
    case "StringValue":
      return quote(value.value as string);
    case "ArrayValue":
      return `[${(value.value as JinjaValue[]).map(repr).join(", ")}]`;
    case "TupleValue": {
      const items = (value.value as JinjaValue[]).map(repr);
      return items.length === 1 ? `(${items[0]},)` : `(${items.join(", ")})`;
    }
    case "ObjectValue": {
      const entries = [...(value.value as Map<string, JinjaValue>)];
      return `{${entries.map(([key, item]) => `${quote(key)}: ${repr(item)}`).join(", ")}}`;
    }
    default:
      return str(value);
  }
}

function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text
    .replaceAll("\\", "\\\\")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t")
    .replaceAll(mark, `\\${mark}`);
  return mark + escaped + mark;
}

/** `a == b` of Python. */
export function isEqual(a: JinjaValue, b: JinjaValue): boolean {
  if (isNumeric(a) && isNumeric(b)) return Number(a.value) === Number(b.value);
  if (a.value instanceof Map && b.value instanceof Map) {
    const [left, right] = [a.value, b.value] as Map<string, JinjaValue>[];
    if (left?.size !== right?.size) return false;
    return [...(left ?? [])].every(([key, item]) => {
      const other = right?.get(key);
      return other !== undefined && isEqual(item, other);
    });
  }
  if (Array.isArray(a.value) && Array.isArray(b.value)) {
    const [left, right] = [a.value, b.value] as JinjaValue[][];
    const items = right ?? [];
    return (
      left?.length === items.length && items.every((item, i) => isEqual(left[i] ?? item, item))
    );
  }
  return a.type === b.type && a.value === b.value;
}

export function isNumeric({ type }: JinjaValue): boolean {
  return type === "IntegerValue" || type === "FloatValue" || type === "BooleanValue";
}

/** `a % b` of Python, whose result has the sign of b. */
export function modulo(a: number, b: number): number {
  if (b === 0) throw new Error("modulo by zero");
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

/** `format % values` of Python, for %s, %d, %f (with a precision) and %%. */
export function formatText(format: string, values: readonly JinjaValue[]): string {
  const rest = [...values];
  const text = format.replace(/%(?:\.(\d+))?([^.])/gs, (code, precision = "6", kind: string) => {
    if (kind === "%") return "%";
    const value = rest.shift();
    if (value === undefined) throw new Error("not enough arguments for format string");
    if (kind === "s") return str(value);
    if (kind !== "d" && kind !== "f") throw new Error(`${code} is not supported in a format`);
    if (!isNumeric(value)) throw new Error(`${code} needs a number`);
    const number = Number(value.value);
    return kind === "d" ? String(Math.trunc(number)) : number.toFixed(Number(precision));
  });
  if (rest.length > 0) throw new Error("not all arguments converted during string formatting");
  return text;
}

type StringMethod = (text: string, ...args: unknown[]) => unknown;

/** Methods of Python's `str` that the library lacks, or calls without their arguments. */
export const stringMethods: ReadonlyMap<string, StringMethod> = new Map<string, StringMethod>([
  ["strip", (text, characters) => stripEnd(stripStart(text, characters), characters)],
  ["lstrip", stripStart],
  ["rstrip", stripEnd],
  ["capitalize", (text) => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase()],
  [
    "removeprefix",
    (text, prefix) => (text.startsWith(`${prefix}`) ? text.slice(`${prefix}`.length) : text),
  ],
  [
    "removesuffix",
    (text, suffix) =>
      text.endsWith(`${suffix}`) ? text.slice(0, text.length - `${suffix}`.length) : text,
  ],
  ["join", (text, items) => (items as readonly JinjaValue[]).map(str).join(text)],
  ["find", (text, part) => text.indexOf(`${part}`)],
  ["count", (text, part) => text.split(`${part}`).length - 1],
  ["isdigit", (text) => /^\p{Nd}+$/u.test(text)],
  [
    "splitlines",
    (text) =>
      text
        .replace(/\r?\n$/, "")
        .split(/\r?\n/)
        .filter((_, i) => text !== "" || i > 0),
  ],
]);

function stripStart(text: string, characters: unknown): string {
  if (typeof characters !== "string") return text.trimStart();
  let start = 0;
  while (start < text.length && characters.includes(text.charAt(start))) start++;
  return text.slice(start);
}

function stripEnd(text: string, characters: unknown): string {
  if (typeof characters !== "string") return text.trimEnd();
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}
