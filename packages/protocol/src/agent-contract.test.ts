import { expect, test } from 'vitest';
import { z } from 'zod';
import { agentContract } from './agent-contract.ts';

const column = (name: string, type: unknown) => ({ name, kind: 'regular' as const, type: type as never, position: -1, reversed: false });
const table = {
  keyspace: 'shop', name: 'orders', partitionKey: [], clustering: [], staticColumns: [],
  regularColumns: [
    column('m', { kind: 'map', key: { kind: 'text' }, value: { kind: 'list', element: { kind: 'udt', keyspace: 'shop', name: 'u', fields: [{ name: 'f', type: { kind: 'int' } }], frozen: true }, frozen: true }, frozen: false }),
    column('c', { kind: 'custom', className: 'X', aliases: new Map([[97, { type: { kind: 'int' }, reversed: true }]]) }),
  ],
  dropped: [{ name: 'd', kind: 'regular' as const, type: { kind: 'blob' as const }, droppedTimeMicros: -(2n ** 62n) }],
  isStaticCompact: false, isCompact: false, isDense: false, isCompound: true, isCounter: false, isView: false, enforcesStrictLiveness: false, defaultTtlSeconds: 0,
};
const request = {
  attempt: { serverId: 's', taskId: 't', jobId: '7', epoch: 2 },
  leaseSeconds: 30,
  job: {
    kind: 'extract' as const,
    source: { table, dataFiles: ['/data/mc-1-big-Data.db'], nowSeconds: 1, mapping: { rules: [{ table: 'shop.*' }] } },
    range: { start: -(2n ** 63n) + 1n, end: 5n },
    after: { partitionKey: Uint8Array.of(0, 255, 10), clustering: [Uint8Array.of(1), null] },
    destination: { kind: 'files' as const, staging: { kind: 's3' as const, bucket: 'b', prefix: 'p', region: 'r' }, compression: 'zstd' as const, fileBytes: 1000 },
  },
};

test('a job comes out of JSON as it went in, with its tokens, bytes and types', () => {
  const { input } = agentContract.startJob;
  const text = JSON.stringify(z.encode(input, request));
  expect(z.decode(input, JSON.parse(text))).toEqual(request);
});

test('what is not in the contract is refused', () => {
  const { input } = agentContract.startJob;
  const wire = JSON.parse(JSON.stringify(z.encode(input, request))) as Record<string, Record<string, unknown>>;
  expect(input.safeParse(wire).success).toBe(true);
  expect(input.safeParse({ ...wire, more: 1 }).success).toBe(false);
  expect(input.safeParse({ ...wire, attempt: { ...wire.attempt, jobId: '../7' } }).success).toBe(false);
  expect(input.safeParse({ ...wire, attempt: { ...wire.attempt, epoch: 0 } }).success).toBe(false);
});
