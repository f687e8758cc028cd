// Numbers as ASCII digits, written straight into the output. Every function returns the position after what it wrote; the
// caller has made room (32 bytes are enough for any of them, except where said).

/** "00" to "99", so that two digits cost one division. */
const PAIRS = new Uint8Array(200);
for (let i = 0; i < 100; i++) {
  PAIRS[i * 2] = 0x30 + Math.floor(i / 10);
  PAIRS[i * 2 + 1] = 0x30 + (i % 10);
}
const HEX_DIGITS = new TextEncoder().encode('0123456789abcdef');
const BASE64_DIGITS = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const BILLION = 1_000_000_000;

/** An integer within [0, 2^32), without leading zeros. */
export function writeUint32(out: Uint8Array, pos: number, value: number): number {
  if (value < 10) {
    out[pos] = 0x30 + value;
    return pos + 1;
  }
  if (value >= BILLION) {
    const high = value < 2 * BILLION ? 1 : value < 3 * BILLION ? 2 : value < 4 * BILLION ? 3 : 4;
    out[pos] = 0x30 + high;
    return writePadded(out, pos + 1, value - high * BILLION, 9);
  }
  const width = value < 10_000 ? (value < 100 ? 2 : value < 1000 ? 3 : 4) : value < 1_000_000 ? (value < 100_000 ? 5 : 6)
    : value < 10_000_000 ? 7 : value < 100_000_000 ? 8 : 9;
  return writePadded(out, pos, value, width);
}

/** The last `width` digits of an integer within [0, 2^32). */
export function writePadded(out: Uint8Array, pos: number, value: number, width: number): number {
  let at = pos + width;
  let rest = value | 0;
  if (rest < 0) {
    // From 2^31 on: one digit less is a small integer.
    rest = Math.floor(value / 10);
    out[--at] = 0x30 + value - rest * 10;
  }
  while (at - pos >= 2) {
    const quotient = (rest / 100) | 0;
    const pair = (rest - quotient * 100) * 2;
    out[at - 1] = PAIRS[pair + 1];
    out[at - 2] = PAIRS[pair];
    at -= 2;
    rest = quotient;
  }
  if (at > pos) out[pos] = 0x30 + (rest % 10);
  return pos + width;
}

/** An integer within (-2^53, 2^53). */
export function writeSafeInteger(out: Uint8Array, pos: number, value: number): number {
  let rest = value;
  if (rest < 0) {
    out[pos++] = 0x2d;
    rest = -rest;
  }
  if (rest < BILLION) return writeUint32(out, pos, rest);
  const high = Math.floor(rest / BILLION);
  return writePadded(out, writeUint32(out, pos, high), rest - high * BILLION, 9);
}

/** A signed 64-bit integer given as halves (hi signed, lo unsigned). */
export function writeInt64(out: Uint8Array, pos: number, hi: number, lo: number): number {
  if (hi >= -0x200000 && hi < 0x200000) return writeSafeInteger(out, pos, hi * 0x100000000 + lo);
  if (hi < 0) {
    out[pos++] = 0x2d;
    return writeUint64(out, pos, lo === 0 ? -hi >>> 0 : ~hi >>> 0, lo === 0 ? 0 : -lo >>> 0, 0);
  }
  return writeUint64(out, pos, hi, lo, 0);
}

/** An unsigned 64-bit integer given as unsigned halves, with leading zeros up to `width` digits. */
export function writeUint64(out: Uint8Array, pos: number, hi: number, lo: number, width: number): number {
  // Long division by 10^9 over 16-bit limbs: every intermediate stays below 2^46.
  let a = hi >>> 16, b = hi & 0xffff, c = lo >>> 16, d = lo & 0xffff;
  const parts = [0, 0, 0];
  for (let part = 0; part < 3; part++) {
    let rest = a % BILLION;
    a = Math.floor(a / BILLION);
    rest = rest * 0x10000 + b;
    b = Math.floor(rest / BILLION);
    rest = (rest - b * BILLION) * 0x10000 + c;
    c = Math.floor(rest / BILLION);
    rest = (rest - c * BILLION) * 0x10000 + d;
    d = Math.floor(rest / BILLION);
    parts[part] = rest - d * BILLION;
  }
  if (width > 0) {
    if (width > 18) pos = writePadded(out, pos, parts[2], width - 18);
    pos = writePadded(out, pos, parts[1], Math.min(9, width - 9));
    return writePadded(out, pos, parts[0], 9);
  }
  if (parts[2] > 0) return writePadded(out, writePadded(out, writeUint32(out, pos, parts[2]), parts[1], 9), parts[0], 9);
  if (parts[1] > 0) return writePadded(out, writeUint32(out, pos, parts[1]), parts[0], 9);
  return writeUint32(out, pos, parts[0]);
}

/** Two lower-case hex digits per byte; needs twice the length. */
export function writeHex(out: Uint8Array, pos: number, from: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    const byte = from[i];
    out[pos++] = HEX_DIGITS[byte >>> 4];
    out[pos++] = HEX_DIGITS[byte & 15];
  }
  return pos;
}

/** Base64 with padding; needs 4 bytes for every 3. */
export function writeBase64(out: Uint8Array, pos: number, from: Uint8Array, start: number, end: number): number {
  let i = start;
  for (; i + 2 < end; i += 3) {
    const word = (from[i] << 16) | (from[i + 1] << 8) | from[i + 2];
    out[pos++] = BASE64_DIGITS[word >>> 18];
    out[pos++] = BASE64_DIGITS[(word >>> 12) & 63];
    out[pos++] = BASE64_DIGITS[(word >>> 6) & 63];
    out[pos++] = BASE64_DIGITS[word & 63];
  }
  if (i === end) return pos;
  const word = (from[i] << 16) | (i + 1 < end ? from[i + 1] << 8 : 0);
  out[pos++] = BASE64_DIGITS[word >>> 18];
  out[pos++] = BASE64_DIGITS[(word >>> 12) & 63];
  out[pos++] = i + 1 < end ? BASE64_DIGITS[(word >>> 6) & 63] : 0x3d;
  out[pos++] = 0x3d;
  return pos;
}

/** Plain ASCII text. */
export function writeAscii(out: Uint8Array, pos: number, text: string): number {
  for (let i = 0; i < text.length; i++) out[pos++] = text.charCodeAt(i);
  return pos;
}
