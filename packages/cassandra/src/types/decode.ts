// Bytes of scalar values -> JavaScript primitives and their plain texts. Everything is big-endian. Callers check lengths (requireLength).

import { cassandraError } from '../errors.ts';

/** Throws VALUE_INVALID unless the value has exactly this many bytes. */
export function requireLength(kind: string, start: number, end: number, expected: number): void {
  if (end - start !== expected) throw cassandraError('VALUE_INVALID', `A ${kind} of ${end - start} bytes instead of ${expected}`);
}

export function int32At(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
}

/** A signed integer of 1 to 6 bytes. */
export function smallIntOf(bytes: Uint8Array, start: number, end: number): number {
  let value = bytes[start] << 24 >> 24;
  for (let i = start + 1; i < end; i++) value = value * 256 + bytes[i];
  return value;
}

/** A two's complement integer of any length; 0 without bytes. */
export function bigIntOf(bytes: Uint8Array, start: number, end: number): bigint {
  if (end - start <= 6) return start === end ? 0n : BigInt(smallIntOf(bytes, start, end));
  const value = BigInt(`0x${hexOf(bytes, start, end)}`);
  return bytes[start] < 0x80 ? value : value - (1n << BigInt(8 * (end - start)));
}

/** 64 bits as two halves (hi signed, lo unsigned) as decimal digits. */
export function int64Text(hi: number, lo: number): string {
  // Exact in a double up to 2^53.
  return hi < 0x20_0000 && hi >= -0x20_0000 ? String(hi * 0x1_0000_0000 + lo) : String((BigInt(hi) << 32n) | BigInt(lo));
}

/** A two's complement integer of any length as decimal digits. */
export function integerText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > 6) {
    return end - start === 8 ? int64Text(int32At(bytes, start), int32At(bytes, start + 4) >>> 0) : String(bigIntOf(bytes, start, end));
  }
  return String(smallIntOf(bytes, start, end));
}

const scratch = new DataView(new ArrayBuffer(8));

/** A float or double by its 4 or 8 bytes. */
export function floatingOf(bytes: Uint8Array, start: number, end: number): number {
  scratch.setInt32(0, int32At(bytes, start));
  if (end - start === 4) return scratch.getFloat32(0);
  scratch.setInt32(4, int32At(bytes, start + 4));
  return scratch.getFloat64(0);
}

/** Lower-case hexadecimal digits. */
export function hexOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('hex');
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 text. Throws VALUE_INVALID for malformed bytes. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  const ascii = shortAscii(bytes, start, end);
  if (ascii !== undefined) return ascii;
  try {
    return strictUtf8.decode(bytes.subarray(start, end));
  } catch (error) {
    throw cassandraError('VALUE_INVALID', `Text of ${end - start} bytes that are not UTF-8`, {}, error);
  }
}

/** ASCII text. Throws VALUE_INVALID for a byte above 0x7f. */
export function asciiOf(bytes: Uint8Array, start: number, end: number): string {
  for (let i = start; i < end; i++) {
    if (bytes[i] > 0x7f) throw cassandraError('VALUE_INVALID', `ASCII text of ${end - start} bytes with one above 0x7f`);
  }
  return shortAscii(bytes, start, end) ?? Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}

/** Most values are short and ASCII: building those here is several times faster than a call into the runtime. */
function shortAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start > 24) return undefined;
  let text = '';
  for (let i = start; i < end; i++) {
    if (bytes[i] > 0x7f) return undefined;
    text += String.fromCharCode(bytes[i]);
  }
  return text;
}

/** 8-4-4-4-12 hexadecimal digits. */
export function uuidOf(bytes: Uint8Array, start: number): string {
  const hex = hexOf(bytes, start, start + 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Scale and unscaled digits of a decimal as java.math.BigDecimal.toString writes them: "1.00", "1E+40", "0E-10". Throws VALUE_INVALID. */
export function decimalText(bytes: Uint8Array, start: number, end: number): string {
  const { negative, digits, scale } = decimalPartsOf(bytes, start, end);
  const sign = negative ? '-' : '';
  const exponent = digits.length - 1 - scale;
  if (scale >= 0 && exponent >= -6) return sign + withPoint(digits, scale);
  const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
  return exponent === 0 ? sign + mantissa : `${sign}${mantissa}E${exponent > 0 ? '+' : ''}${exponent}`;
}

export interface DecimalParts { readonly negative: boolean; /** Without sign and leading zeros; "0" for zero. */ readonly digits: string; readonly scale: number }

/** value = digits * 10^-scale. Throws VALUE_INVALID when there are no bytes for the digits. */
export function decimalPartsOf(bytes: Uint8Array, start: number, end: number): DecimalParts {
  if (end - start < 5) throw cassandraError('VALUE_INVALID', `A decimal of ${end - start} bytes`);
  const text = integerText(bytes, start + 4, end);
  const negative = text.startsWith('-');
  return { negative, digits: negative ? text.slice(1) : text, scale: int32At(bytes, start) };
}

/** Digits with a point `scale` places from their end, and zeros where they do not reach. */
export function withPoint(digits: string, scale: number): string {
  if (scale === 0) return digits;
  const padded = digits.padStart(scale + 1, '0');
  return `${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

export interface DurationParts { readonly months: bigint; readonly days: bigint; readonly nanos: bigint }

/** A duration's three zig-zag vints. Throws VALUE_INVALID. */
export function durationOf(bytes: Uint8Array, start: number, end: number): DurationParts {
  let at = start;
  const next = (): bigint => {
    const first = at < end ? bytes[at] : 0;
    const extra = first === 0xff ? 8 : Math.clz32(~first << 24);
    if (at + 1 + extra > end) throw cassandraError('VALUE_INVALID', `A duration that ends within its ${end - start} bytes`);
    let value = BigInt(first & (0xff >> extra));
    for (let i = 1; i <= extra; i++) value = (value << 8n) | BigInt(bytes[at + i]);
    at += 1 + extra;
    return (value >> 1n) ^ -(value & 1n);
  };
  const parts = { months: next(), days: next(), nanos: next() };
  if (at !== end) throw cassandraError('VALUE_INVALID', `A duration with ${end - at} bytes too many`);
  return parts;
}

/**
 * The sum of a counter context's shards: int16 count of header entries, int16 entries, then shards of a 16-byte host id, an int64
 * clock and an int64 count. Throws VALUE_INVALID.
 */
export function counterTotalOf(bytes: Uint8Array, start: number, end: number): bigint {
  const headerEntries = end - start < 2 ? 0 : Math.abs((bytes[start] << 24 >> 16) | bytes[start + 1]);
  const first = start + 2 + 2 * headerEntries;
  if (end - start < 2 || first > end || (end - first) % 32 !== 0) throw cassandraError('VALUE_INVALID', `A counter context of ${end - start} bytes`);
  let total = 0n;
  for (let shard = first; shard < end; shard += 32) total += bigIntOf(bytes, shard + 24, shard + 32);
  return BigInt.asIntN(64, total);
}
