/** 0.583 as "58 %"; "–" where there is nothing to take a share of. */
export function percent(share: number | undefined): string {
  return share === undefined ? "–" : `${Math.round(share * 100)} %`;
}

/** 0.6513 as "65.1 %". */
export function finePercent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Two decimals for ratios, none for large numbers. */
export function ratio(value: number): string {
  return value.toFixed(value < 100 ? 2 : 0);
}

/** Three significant digits and a unit: 4 210 000 as "4.21 M". */
export function withUnit(value: number, units: readonly string[], step: number): string {
  let rest = value;
  let unit = 0;
  while (rest >= step && unit < units.length - 1) {
    rest /= step;
    unit++;
  }
  const digits = unit === 0 ? 0 : rest < 10 ? 2 : rest < 100 ? 1 : 0;
  return `${rest.toFixed(digits)} ${units[unit]}`.trim();
}
