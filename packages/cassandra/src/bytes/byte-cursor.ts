// Reads big-endian values off a byte array, with every read checked against `limit`. What happens at the limit is the subclass's
// business: a component that ends is truncated, a window onto a stream asks for more bytes.

import { cassandraError } from '../errors.ts';

export class ByteCursor {
  bytes: Uint8Array;
  position: number;
  limit: number;
  /** The 64-bit value that `readInt64` or `readUnsignedVInt64` read last: hi is signed, lo unsigned. */
  hi = 0;
  lo = 0;

  constructor(bytes: Uint8Array, position = 0, limit = bytes.length) {
    this.bytes = bytes;
    this.position = position;
    this.limit = limit;
  }

  /** Called when `count` bytes from `position` on are not there; never returns. */
  underflow(count: number): never {
    throw cassandraError('SSTABLE_TRUNCATED', `${count} bytes wanted at byte ${this.position}, ${this.limit - this.position} are left`);
  }

  remaining(): number {
    return this.limit - this.position;
  }

  /** Makes sure of `count` bytes and returns where they start, moving past them. */
  take(count: number): number {
    const start = this.position;
    if (count > this.limit - start) this.underflow(count);
    this.position = start + count;
    return start;
  }

  readUnsignedByte(): number {
    if (this.position >= this.limit) this.underflow(1);
    return this.bytes[this.position++];
  }

  readUnsignedShort(): number {
    const at = this.take(2);
    return (this.bytes[at] << 8) | this.bytes[at + 1];
  }

  readInt32(): number {
    const at = this.take(4);
    const bytes = this.bytes;
    return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }

  /** Sets `hi` and `lo`. */
  readInt64(): void {
    this.hi = this.readInt32();
    this.lo = this.readInt32() >>> 0;
  }

  /** A 64-bit value that must be a safe non-negative integer: an offset, a length, a count. */
  readLength64(what: string): number {
    this.readInt64();
    const value = this.hi * 0x1_0000_0000 + this.lo;
    if (this.hi < 0 || value > Number.MAX_SAFE_INTEGER) throw cassandraError('SSTABLE_CORRUPT', `${what} is ${value}`, { offset: this.position - 8 });
    return value;
  }

  readBigInt64(): bigint {
    this.readInt64();
    return (BigInt(this.hi) << 32n) | BigInt(this.lo);
  }

  readDouble(): number {
    const at = this.take(8);
    return new DataView(this.bytes.buffer, this.bytes.byteOffset + at, 8).getFloat64(0);
  }

  /**
   * Unsigned vint: as many leading one bits in the first byte as bytes follow it, the rest is the value (big-endian).
   * For lengths and counts: more than 2^53 is an error, since nothing can be that large.
   */
  readUnsignedVInt(): number {
    if (this.position >= this.limit) this.underflow(1);
    const first = this.bytes[this.position];
    if (first < 0x80) {
      this.position++;
      return first;
    }
    const at = this.position;
    this.readUnsignedVInt64();
    if (this.hi < 0 || this.hi > 0x1f_ffff) throw cassandraError('SSTABLE_CORRUPT', 'A length does not fit 53 bits', { offset: at });
    return this.hi * 0x1_0000_0000 + this.lo;
  }

  /** Unsigned vint into `hi` and `lo` (two's complement: all 64 bits can be set). */
  readUnsignedVInt64(): void {
    if (this.position >= this.limit) this.underflow(1);
    const bytes = this.bytes;
    const first = bytes[this.position];
    if (first < 0x80) {
      this.position++;
      this.hi = 0;
      this.lo = first;
      return;
    }
    const extra = Math.clz32(~(first << 24));
    let at = this.position + 1;
    if (extra > this.limit - at) this.underflow(extra + 1);
    let hi = 0;
    let lo = extra < 7 ? first & (0xff >> (extra + 1)) : 0;
    for (let i = 0; i < extra; i++) {
      hi = (hi << 8) | (lo >>> 24);
      lo = (lo << 8) | bytes[at++];
    }
    this.position = at;
    this.hi = hi;
    this.lo = lo >>> 0;
  }
}
