// Scalar values as Java's classes print them in Cassandra 3.11's tools: the part that JSON and plain texts of values share.

import { cassandraError } from '../errors.ts';
import type { ScalarName } from './cql-type.ts';
import { bigIntOf, decimalPartsOf, durationOf, int32At, integerText, uuidOf, withPoint } from './decode.ts';
import { javaInetText } from './inet.ts';
import { javaFloatingText } from './java-number.ts';
import { javaDateText, javaDurationText, javaTimeOfDayText } from './java-time.ts';

/** Text of a value that has bytes. Throws VALUE_INVALID. */
export type JavaText = (bytes: Uint8Array, start: number, end: number) => string;

/** Zeros that a decimal may be written out with. Cassandra has no limit and runs out of memory. */
const MAX_PLAIN_ZEROS = 1_000_000;

/** Bytes that a value is read from. Like the tools, more are passed over. */
const LENGTHS: Partial<Record<ScalarName, number>> = {
  tinyint: 1, boolean: 1, smallint: 2, int: 4, date: 4, float: 4, bigint: 8, counter: 8, timestamp: 8, time: 8, double: 8, uuid: 16, timeuuid: 16,
};

/** The scalar types whose text is the same wherever it stands. */
export function javaTextOf(kind: ScalarName): JavaText | undefined {
  const text = unchecked(kind);
  const length = LENGTHS[kind];
  if (!text || length === undefined) return text;
  return (bytes, start, end) => {
    if (end - start < length) throw cassandraError('VALUE_INVALID', `A ${kind} of ${end - start} bytes instead of ${length}`);
    return text(bytes, start, start + length);
  };
}

function unchecked(kind: ScalarName): JavaText | undefined {
  switch (kind) {
    case 'tinyint': case 'smallint': case 'int': case 'bigint': case 'counter': case 'varint': return integerText;
    case 'boolean': return (bytes, start) => (bytes[start] !== 0 ? 'true' : 'false');
    case 'float': case 'double': return javaFloatingText;
    case 'inet': return javaInetText;
    case 'uuid': case 'timeuuid': return uuidOf;
    case 'date': return (bytes, start) => javaDateText(int32At(bytes, start) ^ 0x8000_0000);
    case 'time': return (bytes, start, end) => javaTimeOfDayText(bigIntOf(bytes, start, end));
    case 'duration': return (bytes, start, end) => javaDurationText(durationOf(bytes, start, end));
    default: return undefined;
  }
}

/** BigDecimal.toPlainString: no exponent. Beyond MAX_PLAIN_ZEROS with one. */
export function plainDecimalText(bytes: Uint8Array, start: number, end: number): string {
  const { negative, digits, scale } = decimalPartsOf(bytes, start, end);
  const sign = negative ? '-' : '';
  if (scale < 0 && digits === '0') return '0';
  if (Math.abs(scale) > MAX_PLAIN_ZEROS) return `${sign}${digits}E${-scale}`;
  return sign + (scale < 0 ? digits + '0'.repeat(-scale) : withPoint(digits, scale));
}
