// Nanoseconds per row of the item encoder alone, rows in memory: node packages/dynamodb/src/item.bench.ts
// The table is that of `npm run bench`: eight mixed columns, a clustering by timeuuid DESC, about 400 bytes of JSON an item.

import { Partition, Row } from '@aeneas/cassandra';
import type { CqlType } from '@aeneas/cassandra';
import { fillRow, hex, int, tableOf, text } from '../test/live-rows.ts';
import { ItemEncoder } from './item-encoder.ts';
import { planTable } from './table-plan.ts';

const ROWS_PER_PARTITION = 8;
const PARTITIONS = 40;
const ROUNDS = 1000;

const map: CqlType = { kind: 'map', key: { kind: 'text' }, value: { kind: 'text' }, frozen: false };
const table = tableOf({
  partition: [['device', { kind: 'text' }]], clustering: [['at', { kind: 'timeuuid' }, 'desc']],
  regular: [['online', { kind: 'boolean' }], ['payload', { kind: 'text' }], ['received', { kind: 'timestamp' }], ['site', { kind: 'text' }], ['status', { kind: 'int' }],
    ['temperature', { kind: 'double' }], ['tags', map]],
});

function double(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return Uint8Array.from(bytes);
}

function rowOf(n: number): Row {
  const at = Buffer.from(hex('795eeb69834011ee8b9130307e4f6c04'));
  at.writeUInt32BE((n * 7919) >>> 0, 0);
  const received = Buffer.alloc(8);
  received.writeBigInt64BE(1_700_002_343_247n + BigInt(n * 37));
  const payload = Array.from({ length: 3 + n % 12 }, (_, i) => `quartz${(n * 31 + i) % 1000} `).join('');
  return fillRow(new Row(), {
    clustering: [at],
    cells: [
      { column: 0, value: Uint8Array.of(n & 1) }, { column: 1, value: text(payload) }, { column: 2, value: received }, { column: 3, value: text('site-jade') },
      { column: 4, value: int(n % 6) }, { column: 5, value: double(Math.round(Math.sin(n) * 10_000) / 1000) },
      ...Array.from({ length: n % 4 }, (_, i) => ({ column: 6, path: text(['amber', 'basil', 'cedar'][i]), value: text(`umber${n % 100}`) })),
    ],
  });
}

const partitions = Array.from({ length: PARTITIONS }, (_, p) => {
  const partition = new Partition();
  const key = text(`device-${String(p).padStart(6, '0')}`);
  partition.key = Uint8Array.from(key);
  partition.keyLength = key.length;
  return { partition, rows: Array.from({ length: ROWS_PER_PARTITION }, (__, i) => rowOf(p * ROWS_PER_PARTITION + i)) };
});

const encoder = new ItemEncoder(planTable(table, { rules: [] }), undefined, { asLines: true });
let best = Infinity, bytes = 0;
for (let round = 0; round < ROUNDS; round++) {
  bytes = 0;
  const start = process.hrtime.bigint();
  for (const { partition, rows } of partitions) {
    encoder.startPartition(partition);
    for (const row of rows) encoder.encodeRow(row);
    bytes += encoder.out.length;
    encoder.out.length = 0;
  }
  best = Math.min(best, Number(process.hrtime.bigint() - start));
}
const rows = PARTITIONS * ROWS_PER_PARTITION;
console.log(`${Math.round(best / rows)} ns per row, ${Math.round(bytes / rows)} bytes per row, ${Math.round(bytes / best * 1000)} MB/s (best of ${ROUNDS} rounds)`);
