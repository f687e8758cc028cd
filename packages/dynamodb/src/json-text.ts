// Text of Cassandra (UTF-8 bytes) to JSON string content (UTF-8 bytes): escaping, and proof that it is UTF-8.

/** 0: stands for itself; 1: needs an escape; 2: starts a longer UTF-8 sequence (or is invalid). */
const CLASS = new Uint8Array(256);
CLASS.fill(1, 0, 0x20);
CLASS[0x22] = 1;
CLASS[0x5c] = 1;
CLASS.fill(2, 0x80);

const HEX_DIGITS = new TextEncoder().encode('0123456789abcdef');

/**
 * Writes bytes as the content of a JSON string and returns the position after it, or -1 where they are not valid UTF-8 (or, for
 * `ascii`, above 7F). `view` is of `out`. Room for six times the length and four bytes is needed.
 */
export function writeJsonText(out: Uint8Array, view: DataView, pos: number, from: Uint8Array, start: number, end: number, ascii: boolean): number {
  let i = start;
  while (i < end) {
    // Four plain characters at a time.
    while (i + 4 <= end) {
      const word = from[i] | (from[i + 1] << 8) | (from[i + 2] << 16) | (from[i + 3] << 24);
      if (!isPlain(word)) break;
      view.setInt32(pos, word, true);
      pos += 4;
      i += 4;
    }
    if (i >= end) return pos;
    const byte = from[i];
    const kind = CLASS[byte];
    if (kind === 0) {
      out[pos++] = byte;
      i++;
    } else if (kind === 1) {
      pos = writeEscape(out, pos, byte);
      i++;
    } else {
      const length = ascii ? 0 : sequenceLength(from, i, end);
      if (length === 0) return -1;
      for (let k = 0; k < length; k++) out[pos++] = from[i + k];
      i += length;
    }
  }
  return pos;
}

/**
 * True when four characters all stand for themselves. Subtracting from each byte borrows from its highest bit where the byte is
 * smaller (below 20), or where it is zero after XOR with a quote or backslash; a borrow from a neighbour only makes the answer no.
 */
function isPlain(word: number): boolean {
  const quote = word ^ 0x22222222;
  const backslash = word ^ 0x5c5c5c5c;
  return ((word | ((word - 0x20202020) & ~word) | ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash)) & 0x80808080) === 0;
}

function writeEscape(out: Uint8Array, pos: number, byte: number): number {
  out[pos++] = 0x5c;
  if (byte >= 0x20) {
    out[pos++] = byte;
    return pos;
  }
  out[pos++] = 0x75;
  out[pos++] = 0x30;
  out[pos++] = 0x30;
  out[pos++] = 0x30 + (byte >>> 4);
  out[pos++] = HEX_DIGITS[byte & 15];
  return pos;
}

/** Length of the UTF-8 sequence of several bytes at `i`, 0 if it is none (Unicode 15, table 3-7: no surrogates, no overlong forms). */
function sequenceLength(from: Uint8Array, i: number, end: number): number {
  const first = from[i];
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (i + length > end) return 0;
  const second = from[i + 1];
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let k = 2; k < length; k++) if ((from[i + k] & 0xc0) !== 0x80) return 0;
  return length;
}
