import { expect, it } from 'vitest';
import { mergeCounterContexts } from './counter-context.ts';

interface Shard { id: number; clock: bigint; count: bigint; kind: 'global' | 'local' | 'remote' }

/** A context as CounterContext.ContextState writes it. */
function context(...shards: Shard[]): Buffer {
  const named = shards.flatMap(({ kind }, i) => (kind === 'global' ? [i - 0x8000] : kind === 'local' ? [i] : []));
  const bytes = Buffer.alloc(2 + named.length * 2 + shards.length * 32);
  bytes.writeInt16BE(named.length);
  named.forEach((element, i) => bytes.writeInt16BE(element, 2 + i * 2));
  shards.forEach((shard, i) => {
    const at = 2 + named.length * 2 + i * 32;
    bytes[at + 15] = shard.id;
    bytes.writeBigInt64BE(shard.clock, at + 16);
    bytes.writeBigInt64BE(shard.count, at + 24);
  });
  return bytes;
}

const global = (id: number, clock: bigint, count: bigint): Shard => ({ id, clock, count, kind: 'global' });
const local = (id: number, clock: bigint, count: bigint): Shard => ({ id, clock, count, kind: 'local' });
const remote = (id: number, clock: bigint, count: bigint): Shard => ({ id, clock, count, kind: 'remote' });

const merged = (a: Buffer, b: Buffer) => Buffer.from(mergeCounterContexts(a, b));

it('keeps the shards of every node, and of one node the newer', () => {
  const a = context(global(1, 5n, 50n), global(2, 1n, 7n));
  const b = context(global(1, 6n, 40n), global(3, 2n, 9n));
  const expected = context(global(1, 6n, 40n), global(2, 1n, 7n), global(3, 2n, 9n));
  expect(merged(a, b)).toEqual(expected);
  expect(merged(b, a)).toEqual(expected);
});

it('prefers the larger count where clocks are equal', () => {
  expect(merged(context(global(1, 5n, 50n)), context(global(1, 5n, 51n)))).toEqual(context(global(1, 5n, 51n)));
});

it('prefers global over local over remote shards, whatever their clocks', () => {
  expect(merged(context(global(1, 1n, 1n)), context(remote(1, 9n, 9n)))).toEqual(context(global(1, 1n, 1n)));
  expect(merged(context(local(1, 1n, 1n)), context(remote(1, 9n, 9n)))).toEqual(context(local(1, 1n, 1n)));
  expect(merged(context(local(1, 9n, 9n)), context(global(1, 1n, 1n)))).toEqual(context(global(1, 1n, 1n)));
});

it('adds two local shards: they are differences', () => {
  expect(merged(context(local(1, 2n, 10n)), context(local(1, 3n, 5n)))).toEqual(context(local(1, 5n, 15n)));
});

it('lets negative clocks of remote shards win the smaller they are', () => {
  expect(merged(context(remote(1, -9n, 4n)), context(remote(1, -2n, 8n)))).toEqual(context(remote(1, -9n, 4n)));
  expect(merged(context(remote(1, -9n, 4n)), context(remote(1, 5n, 8n)))).toEqual(context(remote(1, -9n, 4n)));
});

it('takes local shards that came from another node for remote ones: totals, not differences', () => {
  const streamed = context(local(1, 2n, 10n), global(2, 3n, 4n));
  streamed.writeInt16BE(-2, 0);
  expect(merged(streamed, context(remote(1, 3n, 15n)))).toEqual(context(remote(1, 3n, 15n), global(2, 3n, 4n)));
  expect(merged(streamed, context(local(1, 1n, 5n)))).toEqual(context(local(1, 1n, 5n), global(2, 3n, 4n)));
  expect(merged(streamed, streamed)).toEqual(context(remote(1, 2n, 10n), global(2, 3n, 4n)));
});

it('refuses what is not a context', () => {
  expect(() => mergeCounterContexts(Buffer.from([0]), context())).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
  expect(() => mergeCounterContexts(Buffer.from([0, 0, 1]), context())).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
});
