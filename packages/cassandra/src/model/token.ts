// Tokens: the hash of the partition key by which Cassandra spreads and orders partitions.

import { createHash } from 'node:crypto';
import { hashMurmur3, murmur3 } from '../bytes/murmur3.ts';
import { Partition } from './cursor.ts';
import type { Partitioner } from './table-metadata.ts';

/** A token in 32-bit words, as Partition has it. */
export type Token = Pick<Partition, 'tokenHi' | 'tokenLo' | 'tokenExtraHi' | 'tokenExtraLo'>;

export function compareTokens(a: Token, b: Token): number {
  return a.tokenHi - b.tokenHi || a.tokenLo - b.tokenLo || a.tokenExtraHi - b.tokenExtraHi || a.tokenExtraLo - b.tokenExtraLo;
}

/** Token order, then unsigned bytes of the key: the order of partitions in every SSTable. */
export function comparePartitions(a: Partition, b: Partition): number {
  return compareTokens(a, b) || compareKeys(a.key, a.keyLength, b.key, b.keyLength);
}

function compareKeys(a: Uint8Array, aLength: number, b: Uint8Array, bLength: number): number {
  const length = Math.min(aLength, bLength);
  for (let i = 0; i < length; i++) {
    const difference = a[i] - b[i];
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
}

/** A partition that has nothing but a key and its token. */
export function partitionOfKey(partitioner: Partitioner, key: Uint8Array): Partition {
  const partition = new Partition();
  partition.key = new Uint8Array(key);
  partition.keyLength = key.length;
  assignToken(partitioner, partition);
  return partition;
}

/** Sets a partition's token from its key. */
export function assignToken(partitioner: Partitioner, partition: Partition): void {
  if (partition.keyLength === 0 && (partitioner === 'murmur3' || partitioner === 'random')) {
    // Only materialized views have empty keys. They stand before all others, at the partitioner's minimum: Long.MIN_VALUE, and -1.
    partition.tokenHi = partitioner === 'murmur3' ? -0x80000000 : -1;
    partition.tokenLo = 0;
    partition.tokenExtraHi = 0;
    partition.tokenExtraLo = 0;
  } else if (partitioner === 'murmur3') {
    hashMurmur3(partition.key, 0, partition.keyLength);
    // Long.MIN_VALUE is the partitioner's "before everything", so a hash that equals it counts as the largest token.
    const isMinimum = murmur3.hi === -0x80000000 && murmur3.lo === 0;
    partition.tokenHi = isMinimum ? 0x7fffffff : murmur3.hi;
    partition.tokenLo = isMinimum ? 0xffffffff : murmur3.lo;
  } else if (partitioner === 'random') {
    assignRandomToken(partition);
  }
  // The others order by the key itself.
}

/** RandomPartitioner: the MD5 of the key as a signed 128-bit number, made positive (FBUtilities.hashToBigInteger). */
function assignRandomToken(partition: Partition): void {
  const md5 = createHash('md5').update(partition.key.subarray(0, partition.keyLength)).digest();
  if (md5[0] >= 0x80) {
    for (let i = 15, carry = 1; i >= 0; i--) {
      const byte = (md5[i] ^ 0xff) + carry;
      md5[i] = byte;
      carry = byte >> 8;
    }
  }
  partition.tokenHi = md5.readUInt32BE(0);
  partition.tokenLo = md5.readUInt32BE(4);
  partition.tokenExtraHi = md5.readUInt32BE(8);
  partition.tokenExtraLo = md5.readUInt32BE(12);
}

/** The token as Cassandra prints it. */
export function tokenToBigInt(partitioner: Partitioner, token: Token): bigint {
  const upper = (BigInt(token.tokenHi) << 32n) | BigInt(token.tokenLo);
  if (partitioner !== 'random') return upper;
  if (token.tokenHi < 0) return -1n;
  return (upper << 64n) | (BigInt(token.tokenExtraHi) << 32n) | BigInt(token.tokenExtraLo);
}
