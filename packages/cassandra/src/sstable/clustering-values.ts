import type { DataWindow } from './data-window.ts';

/**
 * The values of a row's clustering or of a bound: in groups of 32, each behind a vint with two bits a value, empty and null (docs/formats/data.md).
 * Notes where they start and end in the window; -1 for null.
 */
export function readClusteringValues(input: DataWindow, fixedLengths: readonly number[], count: number, starts: Int32Array, ends: Int32Array): void {
  let hi = 0;
  let lo = 0;
  for (let i = 0; i < count; i++) {
    const slot = i & 31;
    if (slot === 0) {
      input.readUnsignedVInt64();
      hi = input.hi;
      lo = input.lo;
    }
    const bits = slot < 16 ? (lo >>> (slot * 2)) & 3 : (hi >>> ((slot - 16) * 2)) & 3;
    if (bits === 0) {
      const fixed = fixedLengths[i];
      const length = fixed >= 0 ? fixed : input.readUnsignedVInt();
      const at = input.take(length);
      starts[i] = at;
      ends[i] = at + length;
    } else {
      const at = bits === 1 ? input.position : -1;
      starts[i] = at;
      ends[i] = at;
    }
  }
}
