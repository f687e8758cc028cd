// A counter's value: a set of shards, one per node (counter id) that ever counted, each with a logical clock and a count.
//
//   context := elements: int16, element*, shard*      a negative number of elements: it came from another node, so what was local there is remote here
//   element := int16          index of a local shard, or of a global one plus -32768; shards that are not named are remote
//   shard   := id: 16 bytes, clock: int64, count: int64          sorted by id
//
// Source: org.apache.cassandra.db.context.CounterContext.

import { cassandraError } from '../errors.ts';

type ShardKind = 'global' | 'local' | 'remote';

interface Shard {
  readonly id: Buffer;
  readonly clock: bigint;
  readonly count: bigint;
  readonly kind: ShardKind;
}

const SHARD_BYTES = 32;
const GLOBAL_BASE = -0x8000;

/** Merges two live contexts: shard by shard, the newer wins; two local shards of one node are differences and add up. */
export function mergeCounterContexts(left: Uint8Array, right: Uint8Array): Uint8Array {
  const a = readShards(left);
  const b = readShards(right);
  const merged: Shard[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const order = i === a.length ? 1 : j === b.length ? -1 : Buffer.compare(a[i].id, b[j].id);
    if (order < 0) merged.push(a[i++]);
    else if (order > 0) merged.push(b[j++]);
    else merged.push(mergeShards(a[i++], b[j++]));
  }
  return writeShards(merged);
}

function mergeShards(a: Shard, b: Shard): Shard {
  if (a.kind === 'local' && b.kind === 'local') {
    return { id: a.id, kind: 'local', clock: BigInt.asIntN(64, a.clock + b.clock), count: BigInt.asIntN(64, a.count + b.count) };
  }
  if (a.kind !== b.kind) return rank(a.kind) > rank(b.kind) ? a : b;
  if (a.clock === b.clock) return a.count > b.count ? a : b;
  if (a.kind === 'global') return a.clock > b.clock ? a : b;
  // Remote clocks may be negative: a reset that outranks other negative ones the smaller it is.
  const aIsLater = (a.clock >= 0n && b.clock > 0n && a.clock >= b.clock) || (a.clock < 0n && (b.clock > 0n || a.clock < b.clock));
  return aIsLater ? a : b;
}

function rank(kind: ShardKind): number {
  return kind === 'global' ? 2 : kind === 'local' ? 1 : 0;
}

function readShards(context: Uint8Array): Shard[] {
  const bytes = Buffer.from(context.buffer, context.byteOffset, context.length);
  const count = bytes.length >= 2 ? bytes.readInt16BE(0) : 0;
  const elements = bytes.length >= 2 ? Math.abs(count) : -1;
  const start = 2 + elements * 2;
  if (elements < 0 || start > bytes.length || (bytes.length - start) % SHARD_BYTES !== 0) {
    throw cassandraError('VALUE_INVALID', `A counter context of ${bytes.length} bytes with ${elements} header elements`);
  }
  const kinds = new Map<number, ShardKind>();
  for (let i = 0; i < elements; i++) {
    const index = bytes.readInt16BE(2 + i * 2);
    if (index < 0) kinds.set(index - GLOBAL_BASE, 'global');
    else kinds.set(index, count < 0 ? 'remote' : 'local');
  }
  return Array.from({ length: (bytes.length - start) / SHARD_BYTES }, (_, i) => {
    const at = start + i * SHARD_BYTES;
    return { id: bytes.subarray(at, at + 16), clock: bytes.readBigInt64BE(at + 16), count: bytes.readBigInt64BE(at + 24), kind: kinds.get(i) ?? 'remote' };
  });
}

function writeShards(shards: readonly Shard[]): Uint8Array {
  const named = shards.flatMap((shard, i) => (shard.kind === 'global' ? [i + GLOBAL_BASE] : shard.kind === 'local' ? [i] : []));
  const bytes = Buffer.alloc(2 + named.length * 2 + shards.length * SHARD_BYTES);
  bytes.writeInt16BE(named.length, 0);
  named.forEach((index, i) => bytes.writeInt16BE(index, 2 + i * 2));
  shards.forEach((shard, i) => {
    const at = 2 + named.length * 2 + i * SHARD_BYTES;
    shard.id.copy(bytes, at);
    bytes.writeBigInt64BE(shard.clock, at + 16);
    bytes.writeBigInt64BE(shard.count, at + 24);
  });
  return bytes;
}
