/** What stands where there is no number yet. */
const nothing = "–";

/** 0.583 as "58 %". */
export function percent(share: number | undefined): string {
  return share === undefined ? nothing : `${Math.round(share * 100)} %`;
}

/** Three significant digits, as far as they mean something: 43.2, 4.32, 432. */
export function threeDigits(value: number | undefined): string {
  if (value === undefined) return nothing;
  return value.toFixed(value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);
}

/** A duration in the unit that suits it. */
export function duration(ms: number | undefined): string {
  if (ms === undefined) return nothing;
  return ms < 1000 ? `${threeDigits(ms)} ms` : `${threeDigits(ms / 1000)} s`;
}

/** A large amount in three digits and a unit: 3.95 M, 494 k, 8.03 B. */
export function inUnits(amount: number): string {
  for (const [unit, size] of [
    ["B", 1e9],
    ["M", 1e6],
    ["k", 1e3],
  ] as const)
    if (amount >= 0.9995 * size) return `${threeDigits(amount / size)} ${unit}`;
  return String(amount);
}

/** "1 token", "2 tokens". */
export function counted(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}

/** A token so that its spaces and line ends can be seen. */
export function quoted(text: string): string {
  return `“${text.replaceAll("\n", "↵").replaceAll("\t", "⇥").replaceAll(" ", "␣")}”`;
}
