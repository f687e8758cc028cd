// varint and decimal as key components: numbers of any size in the byte order of their values (docs/MAPPING.md, "Keys").

import { bigIntOf, decimalPartsOf, hexOf, integerText } from '@aeneas/cassandra';
import { decimalParts, MAX_UNSCALED_BYTES } from './number-text.ts';

const LENGTH_DIGITS = 4;
const EXPONENT_DIGITS = 10;

/** Each digit as nine minus it. */
export function nines(digits: string): string {
  let complement = '';
  for (let i = 0; i < digits.length; i++) {
    const c = digits.charCodeAt(i);
    complement += c >= 0x30 && c <= 0x39 ? String.fromCharCode(0x69 - c) : digits[i];
  }
  return complement;
}

/** `0005:12345`, `-9994:87654`; undefined where the number is too long for any key. */
export function varintBody(from: Uint8Array, start: number, end: number, isPartitionSide: boolean): string | undefined {
  if (end - start > MAX_UNSCALED_BYTES) return undefined;
  const text = integerText(from, start, end);
  const negative = text.startsWith('-');
  const digits = negative ? text.slice(1) : text;
  if (digits.length > 9999) return undefined;
  const body = `${String(digits.length).padStart(LENGTH_DIGITS, '0')}:${digits}`;
  return (negative ? `-${nines(body)}` : body) + (isPartitionSide ? rawSuffix(from, start, start, end) : '');
}

/** `10000000003:12345`, `--9999999998:87z`, `0`; on the partition side with its scale. */
export function decimalBody(from: Uint8Array, start: number, end: number, isPartitionSide: boolean): string | undefined {
  if (end - start > MAX_UNSCALED_BYTES) return undefined;
  const { scale } = decimalPartsOf(from, start, end);
  const { negative, digits, exponent } = decimalParts(String(bigIntOf(from, start + 4, end)), scale);
  let body = '0';
  if (digits !== '') body = negative ? `-${exponentText(-exponent)}:${nines(digits)}z` : `1${exponentText(exponent)}:${digits}`;
  return isPartitionSide ? `${body}s${scale}${rawSuffix(from, start, start + 4, end)}` : body;
}

function exponentText(exponent: number): string {
  const digits = String(Math.abs(exponent)).padStart(EXPONENT_DIGITS, '0');
  return exponent < 0 ? `-${nines(digits)}` : digits;
}

/** `x` and the whole value in hex, where its integer has sign bytes that Cassandra's encoder would not write. */
function rawSuffix(from: Uint8Array, valueStart: number, integerStart: number, end: number): string {
  const first = from[integerStart];
  const isPadded = end - integerStart > 1 && (first === 0 || first === 0xff) && ((first ^ from[integerStart + 1]) & 0x80) === 0;
  return isPadded ? `x${hexOf(from, valueStart, end)}` : '';
}

/** The bytes of a varint's body. */
export function varintValue(body: string): Uint8Array {
  const [ordered, raw] = body.split('x');
  if (raw !== undefined) return Uint8Array.from(Buffer.from(raw, 'hex'));
  return integerBytes(ordered.startsWith('-') ? -BigInt(nines(ordered.slice(LENGTH_DIGITS + 2))) : BigInt(ordered.slice(LENGTH_DIGITS + 1)));
}

/** The bytes of a decimal's body: with its scale on the partition side, otherwise the value with the scale that its digits need. */
export function decimalValue(body: string, isPartitionSide: boolean): Uint8Array {
  const [scaled, raw] = body.split('x');
  if (raw !== undefined) return Uint8Array.from(Buffer.from(raw, 'hex'));
  const [ordered, scaleText] = scaled.split('s');
  if (ordered === '0') return withScale(0n, isPartitionSide ? Number(scaleText) : 0);
  const negative = ordered.startsWith('-');
  const [exponentPart, digitPart] = ordered.slice(1).split(':');
  const digits = negative ? nines(digitPart.slice(0, -1)) : digitPart;
  const magnitude = exponentPart.startsWith('-') ? -Number(nines(exponentPart.slice(1))) : Number(exponentPart);
  const exponent = negative ? -magnitude : magnitude;
  const scale = isPartitionSide ? Number(scaleText) : Math.max(-0x80000000, digits.length - exponent);
  const unscaled = BigInt(digits) * 10n ** BigInt(scale - (digits.length - exponent));
  return withScale(negative ? -unscaled : unscaled, scale);
}

function withScale(unscaled: bigint, scale: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(scale);
  return Uint8Array.from([...bytes, ...integerBytes(unscaled)]);
}

/** Java's BigInteger.toByteArray(): the shortest two's complement. */
export function integerBytes(value: bigint): Uint8Array {
  let length = 1;
  while (BigInt.asIntN(length * 8, value) !== value) length++;
  const bytes = new Uint8Array(length);
  let rest = value;
  for (let i = length - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}
