// Sizes as DynamoDB counts them (Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats"): attribute names and strings in
// UTF-8 bytes, binaries in bytes, null and boolean 1, lists and maps 3 plus 1 per element plus their content, sets the sum of members. The guide
// calls the size of a number "approximately" one byte per two significant digits plus one; the pairs stand before and after the decimal
// point, and a negative number takes one more, as measured by Z. Charles ("Calculating a DynamoDB item's size and consumed capacity").

export const MAX_ITEM_BYTES = 409_600;
export const MAX_PARTITION_KEY_BYTES = 2048;
export const MAX_SORT_KEY_BYTES = 1024;
export const MAX_NESTING = 32;
/** Overhead of a list or map. */
export const DOCUMENT_OVERHEAD_BYTES = 3;
/** Overhead of each of its elements. */
export const ELEMENT_OVERHEAD_BYTES = 1;
const MAX_NUMBER_BYTES = 21;

/** Write capacity units of one item: one per started kilobyte. */
export function writeUnits(sizeBytes: number): number {
  return Math.max(1, Math.ceil(sizeBytes / 1024));
}

/** Size of the integer whose text is at [start, end), without leading zeros. */
export function integerSize(text: Uint8Array, start: number, end: number): number {
  const negative = text[start] === 0x2d ? 1 : 0;
  let last = end;
  while (last > start && text[last - 1] === 0x30) last--;
  if (last === start) return 1;
  const digits = end - start - negative;
  return 1 + negative + ((digits + 1) >> 1) - ((end - last) >> 1);
}

/** Size of the number whose text is at [start, end): any notation that N takes. */
export function numberSize(text: Uint8Array, start: number, end: number): number {
  const negative = text[start] === 0x2d ? 1 : 0;
  // Powers of ten of the first and the last digit that is not zero, counted from the start of the text until the point is known.
  let seen = 0, point = -1, first = -1, last = -1;
  let i = start;
  for (; i < end; i++) {
    const c = text[i];
    if (c === 0x2e) point = seen;
    else if (c >= 0x30 && c <= 0x39) {
      if (c !== 0x30) {
        if (first < 0) first = seen;
        last = seen;
      }
      seen++;
    } else if (c === 0x45 || c === 0x65) break;
  }
  if (first < 0) return 1;
  const units = (point < 0 ? seen : point) - 1 + exponentAt(text, i + 1, end);
  const pairs = Math.floor((units - first) / 2) - Math.floor((units - last) / 2) + 1;
  return Math.min(MAX_NUMBER_BYTES, 1 + negative + pairs);
}

function exponentAt(text: Uint8Array, start: number, end: number): number {
  let value = 0, negative = false;
  for (let i = start; i < end; i++) {
    if (text[i] === 0x2d) negative = true;
    else if (text[i] !== 0x2b) value = value * 10 + text[i] - 0x30;
  }
  return negative ? -value : value;
}
