// Tokens as the tries of Partitions.db have them: bytes that sort as the tokens do (docs/formats/tries.md).
// Source: Token.asComparableBytes, IntegerType.asComparableBytes and ByteSource of Cassandra 5.0.

import type { Partitioner } from '../model/table-metadata.ts';
import { tokenOfBigInt } from '../model/token-range.ts';
import type { Token } from '../model/token.ts';

/** Before the token and before the key. */
const NEXT_COMPONENT = 0x40;
/** RandomPartitioner: tokens of so many bytes or more are written with their length. */
const LONG_TOKEN_BYTES = 7;
const IS_LONG = 0xff;

/** How every path to a partition with this token starts. */
export function pathOfToken(partitioner: Partitioner, token: bigint): number[] {
  return [NEXT_COMPONENT, ...(partitioner === 'random' ? varintBytes(token) : bytesOf(BigInt.asUintN(64, token) ^ (1n << 63n), 8))];
}

/** The largest token that a path can belong to: what the path does not tell counts as ones. So no partition that follows has a token as small. */
export function tokenOfPath(partitioner: Partitioner, path: readonly number[], length: number): Token {
  const at = (i: number): bigint => BigInt(i < length ? path[i] : 0xff);
  const number = (first: number, count: number): bigint => {
    let value = 0n;
    for (let i = first; i < first + count; i++) value = (value << 8n) | at(i);
    return value;
  };
  if (partitioner !== 'random') return tokenOfBigInt(partitioner, BigInt.asIntN(64, number(1, 8) ^ (1n << 63n)));
  if (at(1) === BigInt(IS_LONG)) return tokenOfBigInt(partitioner, number(3, Number(at(2)) + LONG_TOKEN_BYTES));
  const first = Number(at(1));
  // Negative: the token of an empty key.
  if (first < 0x80) return { tokenHi: -1, tokenLo: 0, tokenExtraHi: 0, tokenExtraLo: 0 };
  const bytes = Math.clz32(~(first << 24));
  return tokenOfBigInt(partitioner, BigInt.asUintN(7 * bytes, number(1, bytes)));
}

/** As a varint is made comparable: short ones with as many leading ones as they have bytes. */
function varintBytes(value: bigint): number[] {
  const significant = Math.ceil(value.toString(2).length / 8);
  // A byte of zeros would come before one with its top bit set, and is left out again.
  if (significant >= LONG_TOKEN_BYTES) return [IS_LONG, significant - LONG_TOKEN_BYTES, ...bytesOf(value, significant)];
  const bytes = Math.floor((value === 0n ? 1 : value.toString(2).length) / 7) + 1;
  return bytesOf(value | (BigInt((0xff00 >> bytes) & 0xff) << BigInt(8 * (bytes - 1))), bytes);
}

function bytesOf(value: bigint, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Number((value >> BigInt(8 * (count - 1 - i))) & 0xffn));
}
