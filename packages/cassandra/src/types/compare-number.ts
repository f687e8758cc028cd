// The order of varint and decimal: numbers of any length, compared by value.

import { cassandraError } from '../errors.ts';
import { bigIntOf, int32At } from './decode.ts';

/**
 * BigInteger bytes as two's complement numbers, whatever padding they have. Empty values come first.
 * No BigInt is made: after the padding, more bytes mean more magnitude.
 */
export function compareVarints(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): number {
  if (aStart === aEnd || bStart === bEnd) return (aEnd - aStart > 0 ? 1 : 0) - (bEnd - bStart > 0 ? 1 : 0);
  let i = significantStart(a, aStart, aEnd);
  let j = significantStart(b, bStart, bEnd);
  const aFirst = a[i] << 24 >> 24;
  const bFirst = b[j] << 24 >> 24;
  const byLength = (aEnd - i) - (bEnd - j);
  if (byLength !== 0) {
    if (aFirst < 0) return bFirst < 0 ? -byLength : -1;
    return bFirst < 0 ? 1 : byLength;
  }
  if (aFirst !== bFirst) return aFirst - bFirst;
  for (i++, j++; i < aEnd; i++, j++) {
    if (a[i] !== b[j]) return a[i] - b[j];
  }
  return 0;
}

/** Skips bytes that only repeat the sign. */
function significantStart(bytes: Uint8Array, start: number, end: number): number {
  const sign = bytes[start] < 0x80 ? 0x00 : 0xff;
  let i = start;
  while (i < end - 1 && bytes[i] === sign && ((bytes[i + 1] ^ sign) & 0x80) === 0) i++;
  return i;
}

/** BigDecimal.compareTo: by value, so that 1.0 and 1.00 are equal. Bytes are int32 scale, then the unscaled varint. */
export function compareDecimals(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): number {
  if (aStart === aEnd || bStart === bEnd) return (aEnd - aStart > 0 ? 1 : 0) - (bEnd - bStart > 0 ? 1 : 0);
  requireUnscaled(aEnd - aStart);
  requireUnscaled(bEnd - bStart);
  const aScale = int32At(a, aStart);
  const bScale = int32At(b, bStart);
  if (aScale === bScale) return compareVarints(a, aStart + 4, aEnd, b, bStart + 4, bEnd);
  const aUnscaled = bigIntOf(a, aStart + 4, aEnd);
  const bUnscaled = bigIntOf(b, bStart + 4, bEnd);
  const aSign = signOf(aUnscaled);
  const bySign = aSign - signOf(bUnscaled);
  if (bySign !== 0 || aSign === 0) return bySign;
  return aSign * compareMagnitudes(aUnscaled * BigInt(aSign), aScale, bUnscaled * BigInt(aSign), bScale);
}

/** Both positive. The exponents decide first, so that 1E+2147483647 is never written out. */
function compareMagnitudes(a: bigint, aScale: number, b: bigint, bScale: number): number {
  const byExponent = (a.toString().length - aScale) - (b.toString().length - bScale);
  if (byExponent !== 0) return byExponent;
  const difference = aScale - bScale;
  const left = difference < 0 ? a * 10n ** BigInt(-difference) : a;
  const right = difference > 0 ? b * 10n ** BigInt(difference) : b;
  return left < right ? -1 : left > right ? 1 : 0;
}

function signOf(value: bigint): -1 | 0 | 1 {
  return value > 0n ? 1 : value < 0n ? -1 : 0;
}

function requireUnscaled(length: number): void {
  if (length < 5) throw cassandraError('VALUE_INVALID', `A decimal that is to be sorted has ${length} bytes`);
}
