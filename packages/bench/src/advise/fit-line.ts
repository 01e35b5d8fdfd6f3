/** y = base + slope * x */
export interface Line {
  readonly base: number;
  readonly slope: number;
}

/** The line through points [x, y] by least squares. NaN unless there are two different x. */
export function fitLine(points: readonly (readonly [number, number])[]): Line {
  const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
  const meanX = mean(points.map(([x]) => x));
  const meanY = mean(points.map(([, y]) => y));
  const covariance = mean(points.map(([x, y]) => (x - meanX) * (y - meanY)));
  const slope = covariance / mean(points.map(([x]) => (x - meanX) ** 2));
  return { base: meanY - slope * meanX, slope };
}
