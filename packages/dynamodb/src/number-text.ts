// Numbers of Cassandra as the text of an N attribute, and what N cannot hold (docs/MAPPING.md, "Numbers").

import { floatingText } from '@aeneas/cassandra';
import { writeAscii, writePadded, writeSafeInteger, writeUint32 } from './digits.ts';

/** Significant digits of an N attribute. */
const MAX_DIGITS = 38;
/** A number 0.d1d2d3... x 10^e fits N when e is in this range: 1E-130 to 9.99E+125. */
const MIN_EXPONENT = -129;
const MAX_EXPONENT = 126;
/** Unscaled values longer than this are far beyond 38 digits unless they end in zeros; the limit keeps hostile input cheap. */
export const MAX_UNSCALED_BYTES = 4096;

const POWERS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

const scratch = new DataView(new ArrayBuffer(8));

/** The double at `start`, big-endian. */
export function readDouble(from: Uint8Array, start: number): number {
  scratch.setInt32(0, (from[start] << 24) | (from[start + 1] << 16) | (from[start + 2] << 8) | from[start + 3]);
  scratch.setInt32(4, (from[start + 4] << 24) | (from[start + 5] << 16) | (from[start + 6] << 8) | from[start + 7]);
  return scratch.getFloat64(0);
}

/** The float at `start`, big-endian. */
export function readFloat(from: Uint8Array, start: number): number {
  scratch.setInt32(0, (from[start] << 24) | (from[start + 1] << 16) | (from[start + 2] << 8) | from[start + 3]);
  return scratch.getFloat32(0);
}

/**
 * Writes the shortest decimal of a double; -1 where N cannot hold it. Most have few decimals: when m / 10^6 (both exact, so correctly
 * rounded) is the value, m with six decimals reads back as it, and no other decimal of up to 15 digits does.
 */
export function writeDouble(out: Uint8Array, pos: number, value: number): number {
  if (Number.isSafeInteger(value)) return writeSafeInteger(out, pos, value);
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e9) {
    let scaled = Math.round(size * 1e6);
    if (scaled / 1e6 === size) {
      const whole = Math.floor(size);
      let decimals = 6;
      scaled -= whole * 1e6;
      while (scaled % 10 === 0) {
        scaled = (scaled / 10) | 0;
        decimals--;
      }
      if (value < 0) out[pos++] = 0x2d;
      pos = writeUint32(out, pos, whole);
      out[pos] = 0x2e;
      return writePadded(out, pos + 1, scaled, decimals);
    }
  }
  if (!(size < 1e126 && size >= 1e-130)) return -1; // also NaN
  return writeAscii(out, pos, String(value));
}

/** Writes the shortest decimal that reads back as the same float; -1 for NaN and infinities. */
export function writeFloat(out: Uint8Array, pos: number, value: number): number {
  if (Number.isSafeInteger(value) && Math.abs(value) < 0x1000000) return writeSafeInteger(out, pos, value);
  if (!Number.isFinite(value)) return -1;
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e7) {
    for (let k = 1; k < 10; k++) {
      const scaled = Math.round(size * POWERS[k]);
      if (scaled >= 1e9) break;
      if (readsAsFloat(scaled / POWERS[k], size)) return writeDecimals(out, pos, value < 0, scaled, k);
    }
  }
  return writeAscii(out, pos, String(Number(floatingText(value, true))));
}

/** True when a decimal near this double reads as the float, whichever way its last bit was rounded. */
function readsAsFloat(decimal: number, float: number): boolean {
  return Math.fround(decimal) === float && Math.fround(decimal * (1 + 4e-16)) === float && Math.fround(decimal * (1 - 4e-16)) === float;
}

/** `scaled` / 10^k, with k decimals. */
function writeDecimals(out: Uint8Array, pos: number, negative: boolean, scaled: number, k: number): number {
  if (negative) out[pos++] = 0x2d;
  const whole = Math.floor(scaled / POWERS[k]);
  pos = writeSafeInteger(out, pos, whole);
  out[pos++] = 0x2e;
  let rest = scaled - whole * POWERS[k];
  for (let at = pos + k - 1; at >= pos; at--) {
    const quotient = Math.floor(rest / 10);
    out[at] = 0x30 + rest - quotient * 10;
    rest = quotient;
  }
  return pos + k;
}

/** A number as sign, digits without leading and trailing zeros, and exponent: 0.d1d2d3... x 10^exponent. Zero has no digits. */
export interface DecimalParts {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

/** An unscaled integer x 10^-scale, given as decimal text, taken apart. */
export function decimalParts(unscaled: string, scale: number): DecimalParts {
  const negative = unscaled.startsWith('-');
  const all = negative ? unscaled.slice(1) : unscaled;
  if (all === '0') return { negative: false, digits: '', exponent: 0 };
  let length = all.length;
  while (all.charCodeAt(length - 1) === 0x30) length--;
  return { negative, digits: all.slice(0, length), exponent: all.length - scale };
}

/** Writes a number taken apart as N text (needs 180 bytes); -1 where N cannot hold it. */
export function writeParts(out: Uint8Array, pos: number, parts: DecimalParts): number {
  const { digits, exponent } = parts;
  if (digits === '') {
    out[pos] = 0x30;
    return pos + 1;
  }
  if (digits.length > MAX_DIGITS || exponent < MIN_EXPONENT || exponent > MAX_EXPONENT) return -1;
  if (parts.negative) out[pos++] = 0x2d;
  if (exponent > 0 && exponent <= MAX_DIGITS) {
    if (digits.length <= exponent) return writeAscii(out, pos, digits.padEnd(exponent, '0'));
    return writeAscii(out, pos, `${digits.slice(0, exponent)}.${digits.slice(exponent)}`);
  }
  if (exponent <= 0 && exponent > -6) return writeAscii(out, pos, `0.${'0'.repeat(-exponent)}${digits}`);
  pos = writeAscii(out, pos, digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`);
  out[pos++] = 0x45;
  out[pos++] = exponent - 1 < 0 ? 0x2d : 0x2b;
  return writeUint32(out, pos, Math.abs(exponent - 1));
}
