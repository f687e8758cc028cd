import { describe, expect, it } from 'vitest';
import { schemaTableMetadata } from '../schema/system-tables.ts';
import { layoutOf } from './row-layout.ts';
import type { SerializationHeader } from './serialization-header.ts';

const P = 'org.apache.cassandra.db.marshal.';
const names = `${P}FrozenType(${P}ListType(${P}UTF8Type))`;

function headerWith(...more: { name: string; type: string }[]): SerializationHeader {
  return {
    minTimestampHi: 0, minTimestampLo: 0, minLocalDeletionTime: 0, minTtlSeconds: 0, keyType: `${P}UTF8Type`, clusteringTypes: [`${P}UTF8Type`], staticColumns: [],
    regularColumns: [{ name: 'field_names', type: names }, { name: 'field_types', type: names }, ...more],
  };
}

describe('columns that the table does not list', () => {
  const later = { name: 'field_masks', type: `${P}MapType(${P}UTF8Type,${P}Int32Type)` };

  it('are read over in schema tables, to which versions add', () => {
    const { regularColumns } = layoutOf(headerWith(later), 'murmur3', 'Statistics.db', schemaTableMetadata('types'));
    expect(regularColumns.map(({ ordinal, isComplex }) => [ordinal, isComplex])).toEqual([[0, false], [1, false], [-1, true]]);
  });

  it('contradict the schema of any other table', () => {
    const table = { ...schemaTableMetadata('types'), isPartial: false };
    expect(() => layoutOf(headerWith(later), 'murmur3', 'Statistics.db', table)).toThrow(expect.objectContaining({ code: 'SCHEMA_MISMATCH' }));
  });

  it('of a class that is not known are an error everywhere: their values may have any length', () => {
    expect(() => layoutOf(headerWith({ name: 'x', type: 'com.example.Type' }), 'murmur3', 'Statistics.db', schemaTableMetadata('types'))).toThrow(expect.objectContaining({ code: 'SSTABLE_UNSUPPORTED' }));
  });
});
