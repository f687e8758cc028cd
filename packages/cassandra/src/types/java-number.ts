// Float.toString and Double.toString as Java 8 has them, whose digits are not always the shortest (JDK-4511638, fixed in 19):
// sstabledump prints floats so, and 1.4E-45 is another JSON number than 1E-45.
//
// The method is Steele & White's and Dragon4's: value = B / S * 10^exponent; quotients of B / S are the digits, until what remains is
// below M, half the distance to the next number. Its quirks are kept: at least two digits before an exponent, and for values that
// fit Java's int or long another comparison at the upper end and wrapping sums.

import { int32At } from './decode.ts';

/** Bits of 5^k, as Java's table has them (0 for k = 0), and its guess beyond. */
const BITS_OF_POWER_OF_5 = Array.from({ length: 27 }, (_, k) => (k === 0 ? 0 : (5n ** BigInt(k)).toString(2).length));

/** A float (4 bytes) or a double (8 bytes). */
export function javaFloatingText(bytes: Uint8Array, start: number, end: number): string {
  const isFloat = end - start === 4;
  const bits = isFloat ? BigInt(int32At(bytes, start) >>> 0) : (BigInt(int32At(bytes, start) >>> 0) << 32n) | BigInt(int32At(bytes, start + 4) >>> 0);
  const fractionBits = isFloat ? 23 : 52;
  const exponentBits = isFloat ? 0xff : 0x7ff;
  const sign = bits >> (isFloat ? 31n : 63n) === 1n ? '-' : '';
  const fraction = BigInt.asUintN(fractionBits, bits);
  const exponent = Number(bits >> BigInt(fractionBits)) & exponentBits;
  if (exponent === exponentBits) return fraction !== 0n ? 'NaN' : `${sign}Infinity`;
  if (exponent === 0 && fraction === 0n) return `${sign}0.0`;

  const bias = exponentBits >> 1;
  if (exponent !== 0) return sign + layOut(digitsOf((1n << BigInt(fractionBits)) | fraction, exponent - bias, fractionBits + 1));
  const significantBits = bitLength(fraction);
  return sign + layOut(digitsOf(fraction, significantBits - fractionBits - bias, significantBits));
}

interface Digits { readonly digits: string; /** Places before the decimal point. */ readonly point: number }

/** value = mantissa * 2^(exponent + 1 - bits of mantissa); `significantBits` is the precision that the format has there. */
function digitsOf(mantissa: bigint, exponent: number, significantBits: number): Digits {
  let odd = mantissa;
  while ((odd & 1n) === 0n) odd >>= 1n;
  const oddBits = bitLength(odd);
  const fractionBits = Math.max(0, oddBits - exponent - 1);
  if (fractionBits === 0 && exponent <= 62) return wholeDigits(odd << BigInt(exponent + 1 - oddBits), exponent, significantBits);

  let decimalExponent = estimatedExponent(mantissa, exponent);
  const b5 = Math.max(0, -decimalExponent);
  const s5 = Math.max(0, decimalExponent);
  let b2 = b5 + fractionBits + exponent;
  let s2 = s5 + fractionBits;
  let m2 = b2 - significantBits;
  b2 -= oddBits - 1;
  const common = Math.min(b2, s2);
  b2 -= common;
  s2 -= common;
  m2 -= common;
  // Below a power of two the next number is only half as far away.
  if (oddBits === 1) m2 -= 1;
  if (m2 < 0) {
    b2 -= m2;
    s2 -= m2;
    m2 = 0;
  }
  const bBits = oddBits + b2 + bitsOfPowerOf5(b5);
  const tenSBits = s2 + 1 + bitsOfPowerOf5(s5 + 1);
  const fits = bBits < 64 && tenSBits < 64;
  const width = bBits < 32 && tenSBits < 32 ? 32 : 64;
  const wrap = (value: bigint) => (fits ? BigInt.asIntN(width, value) : value);

  const s = 5n ** BigInt(s5) << BigInt(s2);
  const tenS = s * 10n;
  let b = odd * 5n ** BigInt(b5) << BigInt(b2);
  let m = wrap((5n ** BigInt(b5) << BigInt(m2)) * 10n);
  let low = false;
  let high = false;
  const step = (): number => {
    const quotient = Number(b / s);
    b = 10n * (b % s);
    if (fits && m <= 0n) low = high = true;
    else {
      low = b < m;
      high = fits ? wrap(b + m) > tenS : b + m >= tenS;
    }
    return quotient;
  };
  const digits: number[] = [];
  const first = step();
  if (first === 0 && !high) decimalExponent -= 1;
  else digits.push(first);
  // The form with an exponent always has a digit after the point.
  if (decimalExponent < -3 || decimalExponent >= 8) low = high = false;
  while (!low && !high) {
    m = wrap(m * 10n);
    digits.push(step());
  }
  const half = wrap(b * 2n - tenS);
  const roundUp = high && (!low || half > 0n || (half === 0n && digits[digits.length - 1] % 2 === 1));
  return roundUp ? roundedUp(digits, decimalExponent + 1) : { digits: digits.join(''), point: decimalExponent + 1 };
}

/** Integers below 2^63: exact digits, of which those beyond the format's precision are rounded away. */
function wholeDigits(value: bigint, exponent: number, significantBits: number): Digits {
  const excess = exponent > significantBits ? exponent - significantBits - 1 : 0;
  const insignificant = excess > 1 ? Math.floor(excess * Math.log10(2)) : 0;
  const unit = 10n ** BigInt(insignificant);
  const kept = String((value + (insignificant > 0 ? unit / 2n : 0n)) / unit);
  return { digits: kept.replace(/0+$/, ''), point: kept.length + insignificant };
}

/** floor(log10(value)), or one more. */
function estimatedExponent(mantissa: bigint, exponent: number): number {
  const fraction = Number(mantissa) / 2 ** (bitLength(mantissa) - 1);
  return Math.floor((fraction - 1.5) * 0.289529654 + 0.176091259 + exponent * 0.301029995663981);
}

function roundedUp(digits: number[], point: number): Digits {
  let i = digits.length - 1;
  while (digits[i] === 9 && i > 0) digits[i--] = 0;
  if (digits[i] === 9) return { digits: `1${digits.slice(1).join('')}`, point: point + 1 };
  digits[i]++;
  return { digits: digits.join(''), point };
}

function layOut({ digits, point }: Digits): string {
  if (point > 0 && point < 8) return `${digits.slice(0, point).padEnd(point, '0')}.${digits.slice(point) || '0'}`;
  if (point <= 0 && point > -3) return `0.${'0'.repeat(-point)}${digits}`;
  return `${digits[0]}.${digits.slice(1) || '0'}E${point - 1}`;
}

function bitLength(value: bigint): number {
  return value.toString(2).length;
}

function bitsOfPowerOf5(power: number): number {
  return BITS_OF_POWER_OF_5[power] ?? power * 3;
}
