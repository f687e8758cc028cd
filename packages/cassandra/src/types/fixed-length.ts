import type { CqlType } from './cql-type.ts';

/**
 * Bytes of every value of a type, or -1 where they differ or are written before the value all the same: date, time, smallint and tinyint are
 * not among the fixed ones. Source: AbstractType.valueLengthIfFixed, Cassandra 3.0 to 5.0.
 */
export function fixedLengthOf(type: CqlType): number {
  switch (type.kind) {
    case 'boolean': return 1;
    case 'int': case 'float': return 4;
    case 'bigint': case 'double': case 'timestamp': return 8;
    case 'uuid': case 'timeuuid': return 16;
    case 'empty': return 0;
    case 'vector': {
      const element = fixedLengthOf(type.element);
      return element < 0 ? -1 : element * type.dimension;
    }
    default: return -1;
  }
}
