import { expect, test } from 'vitest';
import { shownColumns } from './cassandra-columns.ts';

/** Rows of system_schema.columns as Cassandra 5.0.2 answers them; the lab has no node of that version. */
const row = (name: string, kind: string, position: number, type: string) => ({ column_name: name, clustering_order: 'none', kind, position, type });
const VECTORS = [
  row('id', 'partition_key', 0, 'int'), row('l', 'regular', -1, 'list<vector<int, 2>>'), row('u', 'regular', -1, 'frozen<address>'), row('v', 'regular', -1, 'vector<float, 3>'),
  row('vu', 'regular', -1, 'vector<frozen<address>, 2>'), row('w', 'regular', -1, 'vector<frozen<list<int>>, 2>'),
];

test('vectors of 5.0 are shown, also those of user types, at which the driver fails', () => {
  expect(shownColumns(VECTORS, ['compound']).map(({ name, kind, type }) => `${name} ${kind} ${type}`)).toEqual([
    'id partition_key int', 'l regular list<vector<int, 2>>', 'u regular frozen<address>', 'v regular vector<float, 3>', 'vu regular vector<frozen<address>, 2>', 'w regular vector<frozen<list<int>>, 2>',
  ]);
});
