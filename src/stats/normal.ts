/** The normal distribution, to double precision. Pure. */

/** Density of the standard normal distribution. */
function density(x: number): number {
  return Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
}

/**
 * P(X > x) of the standard normal distribution: the power series of the distribution function below 3, the continued
 * fraction of Mills' ratio above (Abramowitz and Stegun, 26.2.11 and 26.2.14).
 */
export function normalUpperTail(x: number): number {
  if (x < 0) return 1 - normalUpperTail(-x);
  if (x < 3) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-18 * sum; n++) {
      term *= x * x / (2 * n + 1);
      sum += term;
    }
    return 0.5 - density(x) * sum;
  }
  let fraction = x;
  for (let n = 120; n >= 1; n--) fraction = x + n / fraction;
  return density(x) / fraction;
}

/** The x with P(X > x) = tail, by bisection to the last bit. @param tail in (0, 0.5] */
export function normalUpperQuantile(tail: number): number {
  if (tail >= 0.5) return 0;
  let low = 0;
  let high = 40;
  for (let turn = 0; turn < 64; turn++) {
    const middle = (low + high) / 2;
    if (normalUpperTail(middle) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
