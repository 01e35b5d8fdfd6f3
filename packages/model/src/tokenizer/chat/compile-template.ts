import { Environment, parse, tokenize } from "./jinja-library.ts";
import { PythonInterpreter } from "./python-interpreter.ts";

/** Thrown by a template that refuses what it is given (`raise_exception`). */
export class TemplateRefusal extends Error {
  override readonly name = "TemplateRefusal";
}

const MAX_RANGE = 100_000; // as in Jinja's own sandbox

/**
 * Compiles a chat template, so that it writes what Jinja2 writes with the settings of transformers.
 *
 * @returns a function from variables to text; it throws TemplateRefusal where the template does,
 *   and Error for what is not supported or takes too long
 * @throws SyntaxError for a template that cannot be parsed
 */
export function compileTemplate(source: string): (variables: object) => string {
  const text = withoutRawBlocks(source.replace(/\r\n?/g, "\n"));
  const program = parse(tokenize(text, { lstrip_blocks: true, trim_blocks: true }));
  return (variables) => {
    const environment = new Environment();
    for (const [name, value] of Object.entries({ ...globals, ...variables }))
      environment.set(name, value);
    return String(new PythonInterpreter(environment).run(program).value);
  };
}

const globals = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
  raise_exception(message: unknown) {
    throw new TemplateRefusal(String(message));
  },
  range(...bounds: number[]) {
    const [start = 0, stop = 0, step = 1] = bounds.length === 1 ? [0, ...bounds] : bounds;
    const length = Math.max(0, Math.ceil((stop - start) / step));
    if (!(length <= MAX_RANGE)) throw new Error(`range is longer than ${MAX_RANGE}`);
    return Array.from({ length }, (_, i) => start + i * step);
  },
  strftime_now: (format: string) => strftime(new Date(), format),
};

/** `{% raw %}` blocks, which the library does not know, as expressions. */
function withoutRawBlocks(source: string): string {
  return source.replace(
    /(^[ \t]*)?\{%([-+]?)\s*raw\s*(-?)%\}([\s\S]*?)\{%([-+]?)\s*endraw\s*(-?)%\}\n?/gm,
    (_, _indent, before, trimsStart, content, trimsEnd, after) => {
      const start = trimsStart === "-" ? content.trimStart() : content;
      const text = trimsEnd === "-" ? start.trimEnd() : start;
      const open = before === "-" ? "{{-" : "{{";
      return `${open} ${JSON.stringify(text)} ${after === "-" ? "-}}" : "}}"}`;
    },
  );
}

function strftime(date: Date, format: string): string {
  const english = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat("en-US", options).format(date);
  const two = (number: number) => String(number).padStart(2, "0");
  const parts: Readonly<Record<string, () => string>> = {
    Y: () => String(date.getFullYear()),
    m: () => two(date.getMonth() + 1),
    d: () => two(date.getDate()),
    b: () => english({ month: "short" }),
    B: () => english({ month: "long" }),
    a: () => english({ weekday: "short" }),
    A: () => english({ weekday: "long" }),
    H: () => two(date.getHours()),
    I: () => two(date.getHours() % 12 || 12),
    M: () => two(date.getMinutes()),
    S: () => two(date.getSeconds()),
    p: () => (date.getHours() < 12 ? "AM" : "PM"),
    "%": () => "%",
  };
  return format.replace(/%(.)/g, (code, letter: string) => {
    const part = parts[letter];
    if (part === undefined) throw new Error(`strftime_now: ${code} is not supported`);
    return part();
  });
}
