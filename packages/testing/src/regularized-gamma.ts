const RELATIVE_PRECISION = 1e-15;
const MAX_ITERATIONS = 100_000;

// Lanczos' approximation with g = 7 and nine terms; the relative error is about 1e-15.
const LANCZOS_G = 7;
const LANCZOS_COEFFICIENTS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
  -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
  1.5056327351493116e-7,
];

/**
 * The upper regularised incomplete gamma function: the integral of t^(shape-1) e^-t from `x` to
 * infinity over that from 0, in [0, 1].
 *
 * @param shape - above 0
 * @param x - from 0 on; infinity gives 0
 * @throws RangeError when an argument is out of range
 */
export function upperRegularizedGamma(shape: number, x: number): number {
  if (!(shape > 0) || !(x >= 0)) {
    throw new RangeError(`no incomplete gamma function at shape ${shape} and x ${x}`);
  }
  if (x === 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  const scale = Math.exp(shape * Math.log(x) - x - logGamma(shape));
  // The series converges fast below about the mean, the continued fraction above it.
  return x < shape + 1 ? 1 - scale * lowerSeries(shape, x) : scale * upperFraction(shape, x);
}

/** Natural logarithm of the gamma function, for arguments from 0.5 on or their reflection. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x - 1;
  let sum = 0;
  LANCZOS_COEFFICIENTS.forEach((coefficient, i) => {
    sum += i === 0 ? coefficient : coefficient / (shifted + i);
  });
  const base = shifted + LANCZOS_G + 0.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(base) - base + Math.log(sum);
}

/** Sum of x^n / (shape (shape + 1) ... (shape + n)). */
function lowerSeries(shape: number, x: number): number {
  let term = 1 / shape;
  let sum = term;
  for (let n = 1; n < MAX_ITERATIONS; n++) {
    term *= x / (shape + n);
    sum += term;
    if (term < sum * RELATIVE_PRECISION) return sum;
  }
  throw new Error("the series of the incomplete gamma function did not converge");
}

/** Continued fraction of the upper function, by Lentz' method from the front. */
function upperFraction(shape: number, x: number): number {
  let denominator = x + 1 - shape;
  let ratioOfNumerators = 1e300;
  let ratioOfDenominators = 1 / denominator;
  let value = ratioOfDenominators;
  for (let n = 1; n < MAX_ITERATIONS; n++) {
    const numerator = -n * (n - shape);
    denominator += 2;
    ratioOfDenominators = 1 / awayFromZero(numerator * ratioOfDenominators + denominator);
    ratioOfNumerators = awayFromZero(denominator + numerator / ratioOfNumerators);
    const change = ratioOfDenominators * ratioOfNumerators;
    value *= change;
    if (Math.abs(change - 1) < RELATIVE_PRECISION) return value;
  }
  throw new Error("the fraction of the incomplete gamma function did not converge");
}

function awayFromZero(value: number): number {
  return Math.abs(value) < 1e-300 ? 1e-300 : value;
}
