/** A metric family as a scraper reads it. */
export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads Prometheus' text format; anything that is not in it throws. */
export function parseExposition(text: string): Map<string, Family> {
  if (!text.endsWith("\n")) throw new Error("the last line does not end");
  const families = new Map<string, { type: string; help: string; samples: Sample[] }>();
  let last = "";
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const [, help, helpText] = /^# HELP (\S+) (.+)$/.exec(line) ?? [];
    const [, typed, type] = /^# TYPE (\S+) (gauge|counter|histogram)$/.exec(line) ?? [];
    if (help !== undefined && helpText !== undefined) {
      if (families.has(help)) throw new Error(`${help} comes twice`);
      families.set(help, { type: "", help: helpText, samples: [] });
      last = help;
    } else if (typed !== undefined && type !== undefined) {
      if (typed !== last) throw new Error(`${typed} has no help`);
      Object.assign(families.get(typed) ?? {}, { type });
    } else families.get(last)?.samples.push(parseSample(line, last));
  }
  return families;
}

function parseSample(line: string, family: string): Sample {
  const [, name = "", labelText = "", value = ""] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (!name.startsWith(family)) throw new Error(`not a sample of ${family}: ${line}`);
  const number = value === "+Inf" ? Number.POSITIVE_INFINITY : Number(value);
  if (Number.isNaN(number)) throw new Error(`not a number: ${line}`);
  const pairs = [...labelText.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"(?:,|$)/g)];
  if (pairs.map(([pair]) => pair).join("") !== labelText) throw new Error(`labels: ${line}`);
  const plain = (text: string) =>
    text.replace(/\\(.)/g, (_, char: string) => (char === "n" ? "\n" : char));
  const labels = Object.fromEntries(pairs.map(([, key = "", text = ""]) => [key, plain(text)]));
  return { name, labels, value: number };
}
