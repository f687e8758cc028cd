// Floating point numbers as text: the shortest decimal digits that lead back to the same bits, always with a point or an exponent
// ("1.0", "1e+16", "1e-05", "-0.0", "NaN", "Infinity").

/** A double, or with `isFloat` a float, which needs fewer digits. */
export function floatingText(value: number, isFloat: boolean): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const short = isFloat ? shortestFloat(value) : value;
  const magnitude = Math.abs(short);
  if (magnitude >= 1e-4 && magnitude < 1e16) {
    const text = String(short);
    return text.includes('.') ? text : `${text}.0`;
  }
  return short.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

/** Below this, floats are subnormal and may be told apart by a single digit. */
const SMALLEST_NORMAL_FLOAT = 1.1754944e-38;

/** The double whose own shortest digits are the shortest ones of the float. */
function shortestFloat(value: number): number {
  // Any shorter digits are among the first six with zeros after them, since six are coarser than a normal float's precision.
  for (let digits = Math.abs(value) < SMALLEST_NORMAL_FLOAT ? 1 : 6; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return Number(value.toPrecision(9));
}
