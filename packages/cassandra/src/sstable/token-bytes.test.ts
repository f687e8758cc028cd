import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokenToBigInt } from '../model/token.ts';
import { pathOfToken, tokenOfPath } from './token-bytes.ts';

const tokens = {
  murmur3: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
  random: fc.oneof(fc.bigInt({ min: 0n, max: 1n << 127n }), fc.bigInt({ min: 0n, max: 1n << 57n }), fc.bigInt({ min: 0n, max: 300n })),
};

describe.each(['murmur3', 'random'] as const)('tokens of %s', (partitioner) => {
  it('sort as their bytes do, and come back from them', () => {
    fc.assert(fc.property(tokens[partitioner], tokens[partitioner], (a, b) => {
      const [left, right] = [pathOfToken(partitioner, a), pathOfToken(partitioner, b)];
      expect(Math.sign(Buffer.compare(Buffer.from(left), Buffer.from(right)))).toBe(a < b ? -1 : a > b ? 1 : 0);
      expect(tokenToBigInt(partitioner, tokenOfPath(partitioner, left, left.length))).toBe(a);
    }), { numRuns: 500 });
  });

  it('count as ones where a path ends', () => {
    fc.assert(fc.property(tokens[partitioner], fc.integer({ min: 1, max: 9 }), (token, length) => {
      const path = pathOfToken(partitioner, token);
      expect(tokenToBigInt(partitioner, tokenOfPath(partitioner, path, Math.min(length, path.length)))).toBeGreaterThanOrEqual(token);
    }));
  });
});

// By ByteSource and IntegerType of Cassandra 5.0.2.
it.each<['murmur3' | 'random', bigint, string]>([
  ['murmur3', 0n, '408000000000000000'], ['murmur3', -1n, '407fffffffffffffff'], ['murmur3', -(1n << 63n), '400000000000000000'],
  ['random', 0n, '4080'], ['random', 63n, '40bf'], ['random', 64n, '40c040'], ['random', (1n << 47n) - 1n, '40fe7fffffffffff'],
  ['random', 1n << 48n, '40ff0001000000000000'], ['random', (1n << 127n) - 1n, '40ff097fffffffffffffffffffffffffffffff'],
])('%s token %d', (partitioner, token, hex) => {
  expect(Buffer.from(pathOfToken(partitioner, token)).toString('hex')).toBe(hex);
});
