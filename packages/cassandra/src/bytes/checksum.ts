// The two checksums of Cassandra's files: CRC-32 since 3.0, Adler-32 (RFC 1950) before.

import { crc32 } from 'node:zlib';

export type ChecksumName = 'crc32' | 'adler32';

/** The checksum of bytes, or with `previous` that of the bytes so far and these. */
export type Checksum = (bytes: Uint8Array, previous?: number) => number;

export function checksumOf(name: ChecksumName): Checksum {
  return name === 'crc32' ? crc32 : adler32;
}

/** Of no bytes at all: where a running checksum starts. */
export function emptyChecksum(name: ChecksumName): number {
  return name === 'crc32' ? 0 : 1;
}

const BASE = 65521;
/** As many bytes as can be added up before the sums leave 31 bits, and the engine's fast integers. */
const RUN = 3800;

function adler32(bytes: Uint8Array, previous = 1): number {
  let a = previous & 0xffff;
  let b = previous >>> 16;
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(at + RUN, bytes.length);
    for (; at + 4 <= end; at += 4) {
      const first = bytes[at];
      const second = bytes[at + 1];
      const third = bytes[at + 2];
      const fourth = bytes[at + 3];
      b += 4 * a + 4 * first + 3 * second + 2 * third + fourth;
      a += first + second + third + fourth;
    }
    for (; at < end; at++) {
      a += bytes[at];
      b += a;
    }
    a %= BASE;
    b %= BASE;
  }
  return ((b << 16) | a) >>> 0;
}
