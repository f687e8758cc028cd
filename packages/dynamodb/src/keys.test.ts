// The key functions, on the rows that real servers returned: in their order, and back to the bytes.

import { describe, expect, test } from 'vitest';
import { TableCatalogue, cqlView, localFiles } from '@aeneas/cassandra';
import { tableOf } from '../test/live-rows.ts';
import { LABELS, putsEmptyFirst, unpackedFixture } from '../../../fixtures/unpack.ts';
import { decodePartitionKey, decodeSortKey, encodePartitionKey, encodeSortKey, partitionKeyOf, sortKeyOf, sortKeyPrefixOf, staticSortKey } from './keys.ts';
import type { KeyAttribute } from './keys.ts';
import { planTable } from './table-plan.ts';
import { readExpectedTables } from '../test/expected-tables.ts';

/** Order of two sort keys of one partition in DynamoDB. */
function compare(a: KeyAttribute, b: KeyAttribute): number {
  if ('N' in a && 'N' in b) return Number(BigInt(a.N) - BigInt(b.N));
  if ('B' in a && 'B' in b) return Buffer.compare(a.B, b.B);
  return Buffer.compare(Buffer.from((a as { S: string }).S), Buffer.from((b as { S: string }).S));
}

for (const label of LABELS) {
  test(`keys of the tables of Cassandra ${label} rise as the server returned them, and come back`, async () => {
    const directory = await unpackedFixture(label);
    const catalogue = await TableCatalogue.open({ files: localFiles, directories: [directory] });
    // Servers before SSTable version mc put empty values of DESC columns first; keys are in the order of those since.
    const emptyFirst = putsEmptyFirst(label);
    const wrong: unknown[] = [];
    let pairs = 0;
    for (const { keyspace, name, rows } of readExpectedTables(directory)) {
      const { table } = await catalogue.load({ keyspace, name });
      const view = cqlView(table);
      const plan = planTable(view, { rules: [{ table: '*.*', keys: 'encoded' }] });
      const native = planTable(view, { rules: [] });
      let previous: { partition: string; sort: KeyAttribute } | undefined;
      for (const { v } of rows) {
        if ([...view.partitionKey, ...view.clustering].some((column) => JSON.stringify(v[column.name] ?? '').length > 900)) continue;
        const partition = partitionKeyOf(plan, v);
        const key = decodePartitionKey(plan, partition);
        if (JSON.stringify(encodePartitionKey(plan, key)) !== JSON.stringify(partition)) wrong.push(['partition key does not come back', v]);
        if (Buffer.compare(decodePartitionKey(native, partitionKeyOf(native, v)), key) !== 0) wrong.push(['native partition key does not come back', v]);
        if (!plan.sortKey || view.clustering.some((column) => v[column.name] === undefined)) continue;
        const sort = sortKeyOf(plan, v);
        const decoded = decodeSortKey(plan, sort);
        if (JSON.stringify(encodeSortKey(plan, decoded as Uint8Array[])) !== JSON.stringify(sort)) wrong.push(['sort key does not come back', v]);
        const text = JSON.stringify(partition);
        if (previous?.partition === text) {
          if (compare(previous.sort, sort) >= 0) wrong.push(['sort key does not rise', v]);
          pairs++;
        }
        previous = emptyFirst && hasEmptyInDesc(view, v) ? undefined : { partition: text, sort };
      }
    }
    expect(wrong).toEqual([]);
    expect(pairs).toBeGreaterThan(1000);
  }, 60_000);
}

function hasEmptyInDesc(table: { clustering: readonly { name: string; reversed: boolean }[] }, v: Readonly<Record<string, unknown>>): boolean {
  return table.clustering.some(({ name, reversed }) => reversed && (v[name] === '' || v[name] === '0x' || JSON.stringify(v[name]) === '{"empty":true}'));
}

describe('key functions', () => {
  const plan = planTable(tableOf({
    partition: [['tenant', { kind: 'text' }], ['day', { kind: 'date' }]],
    clustering: [['at', { kind: 'timestamp' }], ['id', { kind: 'inet' }], ['tags', { kind: 'map', key: { kind: 'text' }, value: { kind: 'decimal' }, frozen: true }]],
  }), { rules: [] });

  test('take JavaScript\'s own values and those of neutral rows', () => {
    expect(partitionKeyOf(plan, ['acme', '2024-05-01'])).toEqual({ S: 'acme #2024-05-01#' });
    expect(partitionKeyOf(plan, { tenant: 'acme', day: '19844' })).toEqual({ S: 'acme #2024-05-01#' });
    const key = { S: '2024-05-01T10:00:00.000Z#00000000000000000000ffffc0000201#(,a #10000000001:1#)#' };
    expect(sortKeyOf(plan, [new Date('2024-05-01T10:00:00Z'), '::ffff:192.0.2.1', new Map([['a', '1.00']])])).toEqual(key);
    expect(sortKeyOf(plan, { at: '1714557600000', id: '::ffff:c000:201', tags: [['a', '1']] })).toEqual(key);
    expect(sortKeyPrefixOf(plan, [1714557600000])).toBe('2024-05-01T10:00:00.000Z#');
    expect(decodeSortKey(plan, staticSortKey())).toBe('static');
  });

  test.each([
    [() => partitionKeyOf(plan, ['acme']), 'KEY_VALUES_INVALID: 1 values for the 2 columns (tenant, day)'],
    [() => partitionKeyOf(plan, { tenant: 'acme' }), 'KEY_VALUES_INVALID: No value for the key column day'],
    [() => partitionKeyOf(plan, [5, '2024-05-01']), 'KEY_VALUES_INVALID: 5 is no text: not a string'],
    [() => sortKeyOf(plan, ['x', '1.2.3.4', []]), 'KEY_VALUES_INVALID: "x" is no timestamp: neither milliseconds nor ISO 8601'],
    [() => sortKeyOf(plan, ['1', '1.2.3', []]), 'KEY_VALUES_INVALID: "1.2.3" is no inet: not an address'],
    [() => partitionKeyOf(plan, ['x'.repeat(3000), '1']), 'KEY_VALUES_INVALID: The key has 3013 bytes, DynamoDB takes 2048'],
    [() => decodePartitionKey(plan, { S: 'acme #2024-05-01' }), 'KEY_VALUES_INVALID: The key "acme #2024-05-01" has no # at its end (at byte 16)'],
    [() => decodePartitionKey(plan, { N: '1' }), 'KEY_VALUES_INVALID: The key "pk" is of type S, not N'],
  ])('%s', (run, message) => {
    expect(() => run()).toThrow(expect.objectContaining({ code: message.split(':')[0], message: message.slice(message.indexOf(' ') + 1) }) as Error);
  });
});
