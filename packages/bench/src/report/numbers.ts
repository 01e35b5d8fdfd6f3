/** As many digits as say something: 1 234, 56.7, 8.90. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString("en-US").replaceAll(",", "\u202f");
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

/** Long policy specifications, where there is no room for them. */
export function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** Round values for a logarithmic axis: of few powers of ten more each, so that there are always some. */
export function logTicks([lowest, highest]: readonly [number, number]): number[] {
  const digits = highest / lowest > 30 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 7];
  const powers = Array.from({ length: 17 }, (_, index) => index - 8);
  return powers
    .flatMap((power) => digits.map((digit) => Number(`${digit}e${power}`)))
    .filter((value) => value >= lowest && value <= highest);
}
