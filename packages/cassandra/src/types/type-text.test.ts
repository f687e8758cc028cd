import { expect, test } from 'vitest';
import { columnTypeText } from './type-text.ts';

test('types are written as CQL writes them', () => {
  expect([
    columnTypeText({ kind: 'map', key: { kind: 'text' }, value: { kind: 'list', element: { kind: 'int' }, frozen: true }, frozen: false }),
    columnTypeText({ kind: 'tuple', elements: [{ kind: 'uuid' }, { kind: 'set', element: { kind: 'inet' }, frozen: true }] }),
    columnTypeText({ kind: 'udt', keyspace: 'ks', name: 'Address', fields: [], frozen: true }),
    columnTypeText({ kind: 'vector', element: { kind: 'float' }, dimension: 3 }),
  ]).toEqual(['map<text, frozen<list<int>>>', 'frozen<tuple<uuid, frozen<set<inet>>>>', 'frozen<"Address">', 'vector<float, 3>']);
});
