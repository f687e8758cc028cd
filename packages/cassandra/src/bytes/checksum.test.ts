import { crc32, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checksumOf, emptyChecksum } from './checksum.ts';

/** A zlib stream ends with the Adler-32 of what it holds. */
function adlerOf(bytes: Uint8Array): number {
  return deflateSync(bytes).readUInt32BE(deflateSync(bytes).length - 4);
}

it('Adler-32 is zlib\'s, for any bytes in any pieces', () => {
  const adler32 = checksumOf('adler32');
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 500 }), fc.nat(20_000), (seed, repeat, cut) => {
    const bytes = Buffer.concat(Array.from({ length: repeat }, () => seed));
    expect(adler32(bytes)).toBe(adlerOf(bytes));
    expect(adler32(bytes.subarray(cut), adler32(bytes.subarray(0, cut)))).toBe(adlerOf(bytes));
  }));
  expect(adler32(Buffer.alloc(1_000_003, 0xff))).toBe(adlerOf(Buffer.alloc(1_000_003, 0xff)));
  expect(emptyChecksum('adler32')).toBe(adlerOf(Buffer.alloc(0)));
});

it('CRC-32 can be carried on from nothing', () => {
  expect(checksumOf('crc32')(Buffer.from('123456789'), emptyChecksum('crc32'))).toBe(0xcbf43926);
  expect(crc32('')).toBe(emptyChecksum('crc32'));
});
