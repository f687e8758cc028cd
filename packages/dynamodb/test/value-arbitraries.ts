// Random CQL types and serialized values of them, for property tests: legal ones, with the odd forms that Cassandra also stores.

import fc from 'fast-check';
import { packVector } from '@aeneas/cassandra';
import type { CqlType, ScalarName } from '@aeneas/cassandra';

const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

/** Integers that meet at the ends of their range and around zero. */
function integers(bytes: number): fc.Arbitrary<Uint8Array> {
  const bits = BigInt(bytes * 8);
  const limit = 1n << (bits - 1n);
  return fc.oneof(fc.bigInt({ min: -limit, max: limit - 1n }), fc.bigInt({ min: -12n, max: 12n }), fc.constantFrom(-limit, limit - 1n, -limit + 1n))
    .map((value) => bigEndian(value, bytes));
}

function bigEndian(value: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * (length - 1 - i))) & 0xffn));
}

/** Two's complement of any length, sometimes with more sign bytes than needed. */
const varints: fc.Arbitrary<Uint8Array> = fc.tuple(fc.oneof(fc.bigInt({ min: -300n, max: 300n }), fc.bigInt({ min: -(1n << 200n), max: 1n << 200n }),
  fc.integer({ min: 0, max: 40 }).map((n) => 10n ** BigInt(n))), fc.constantFrom(0, 0, 0, 1)).map(([value, padding]) => {
  let length = 1;
  while (BigInt.asIntN(length * 8, value) !== value) length++;
  return bigEndian(value, length + padding);
});

const scales = fc.oneof(fc.integer({ min: -3, max: 5 }), fc.constantFrom(0, 1, 2, -2147483648, 2147483647), fc.integer({ min: -50, max: 50 }));

const texts = fc.oneof(
  fc.array(fc.constantFrom('a', 'b', ' ', '!', '"', '#', '$', '%', '&', '~', '\u0000', '\u001f', '\n', 'é', '日', '😀', '\u007f'), { maxLength: 6 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 10 }),
).map((text) => new TextEncoder().encode(text));

const asciiTexts = fc.array(fc.oneof(fc.integer({ min: 0, max: 0x26 }), fc.integer({ min: 0, max: 127 })), { maxLength: 6 }).map((codes) => Uint8Array.from(codes));

const floats = fc.oneof(bytesOf(4), fc.constantFrom('7fc00000', '7f800001', 'ffc00000', '80000000', '00000000', '7f800000', 'ff800000', '3f800000', 'bf800000').map(fromHex));
const doubles = fc.oneof(bytesOf(8), fc.constantFrom('7ff8000000000000', '7ff0000000000001', 'fff8000000000000', '8000000000000000', '0000000000000000', '7ff0000000000000',
  'fff0000000000000', '3ff0000000000000', 'bff0000000000001').map(fromHex));

function withVersion(version: number): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => bytes.map((byte, i) => (i === 6 ? (version << 4) | (byte & 15) : byte));
}

/** Few different bytes, so that ties reach the last ones. */
const uuidBytes = fc.oneof(bytesOf(16), fc.array(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), { minLength: 16, maxLength: 16 }).map((bytes) => Uint8Array.from(bytes)));

/** Days and milliseconds around the years that have four digits, and anywhere. */
const timestamps = fc.oneof(integers(8), fc.bigInt({ min: -62_167_219_200_003n, max: -62_167_219_199_997n }).map((ms) => bigEndian(ms, 8)),
  fc.bigInt({ min: 253_402_300_799_997n, max: 253_402_300_800_003n }).map((ms) => bigEndian(ms, 8)), fc.bigInt({ min: -1n << 44n, max: 1n << 45n }).map((ms) => bigEndian(ms, 8)));
const dates = fc.oneof(bytesOf(4), fc.integer({ min: -3, max: 3 }).chain((near) => fc.constantFrom(-719_528, 0, 2_932_896).map((days) => bigEndian(BigInt(days + near) + 0x80000000n, 4))));
const times = fc.oneof(bytesOf(8), fc.bigInt({ min: 0n, max: 86_399_999_999_999n }).map((nanos) => bigEndian(nanos, 8)), fc.bigInt({ min: 86_399_999_999_998n, max: 86_400_000_000_002n }).map((nanos) => bigEndian(nanos, 8)));

const SCALAR_VALUES: Partial<Record<ScalarName, fc.Arbitrary<Uint8Array>>> = {
  ascii: asciiTexts, text: texts, blob: fc.uint8Array({ maxLength: 5 }), tinyint: integers(1), smallint: integers(2), int: integers(4), bigint: integers(8),
  timestamp: timestamps, date: dates, time: times, boolean: fc.constantFrom(0, 1, 2).map((byte) => Uint8Array.of(byte)), float: floats, double: doubles,
  uuid: fc.tuple(uuidBytes, fc.constantFrom(0, 1, 4, 10, 15)).map(([bytes, version]) => withVersion(version)(bytes)), timeuuid: uuidBytes.map(withVersion(1)),
  varint: varints, decimal: fc.tuple(scales, varints).map(([scale, unscaled]) => Uint8Array.from([...bigEndian(BigInt(scale), 4), ...unscaled])),
  inet: fc.oneof(bytesOf(4), bytesOf(16)),
};
export const KEY_SCALARS = Object.keys(SCALAR_VALUES) as ScalarName[];
const MAY_NOT_BE_EMPTY = new Set<ScalarName>(['tinyint', 'smallint']);

/** Serialized values of a type; the empty one now and then. Without `short`, tuples always have all their fields. */
export function valuesOf(type: CqlType, short = true): fc.Arbitrary<Uint8Array> {
  switch (type.kind) {
    case 'list': case 'set':
      return fc.array(valuesOf(type.element, short), { maxLength: 3 }).map((values) => concat([bigEndian(BigInt(values.length), 4), ...values.flatMap(prefixed)]));
    case 'map':
      return fc.array(fc.tuple(valuesOf(type.key, short), valuesOf(type.value, short)), { maxLength: 2 })
        .map((pairs) => concat([bigEndian(BigInt(pairs.length), 4), ...pairs.flatMap(([key, value]) => [...prefixed(key), ...prefixed(value)])]));
    case 'tuple': case 'udt': {
      const types = type.kind === 'tuple' ? type.elements : type.fields.map((field) => field.type);
      const fields = fc.tuple(...types.map((field) => fc.option(valuesOf(field, short), { nil: null })));
      return fc.tuple(fields, fc.integer({ min: 1, max: types.length })).map(([values, count]) =>
        concat(values.slice(0, short ? count : types.length).flatMap((value) => (value === null ? [bigEndian(-1n, 4)] : prefixed(value)))));
    }
    case 'vector':
      return fc.array(valuesOf(type.element, short).filter((value) => value.length > 0), { minLength: type.dimension, maxLength: type.dimension })
        .map((values) => Uint8Array.from(packVector(type, values)));
    default: {
      const values = SCALAR_VALUES[type.kind as ScalarName]!;
      return MAY_NOT_BE_EMPTY.has(type.kind as ScalarName) ? values : fc.oneof({ weight: 12, arbitrary: values }, { weight: 1, arbitrary: fc.constant(new Uint8Array(0)) });
    }
  }
}

/** Types that a key can have: scalars, and frozen collections, vectors, tuples and user types of them. */
export const keyTypes: fc.Arbitrary<CqlType> = fc.letrec<{ type: CqlType; scalar: CqlType; nested: CqlType }>((tie) => ({
  scalar: fc.constantFrom(...KEY_SCALARS).map((kind): CqlType => ({ kind })),
  nested: fc.oneof(
    tie('type').map((element): CqlType => ({ kind: 'list', element, frozen: true })),
    tie('type').map((element): CqlType => ({ kind: 'set', element, frozen: true })),
    fc.tuple(tie('type'), fc.integer({ min: 1, max: 3 })).map(([element, dimension]): CqlType => ({ kind: 'vector', element, dimension })),
    fc.tuple(tie('type'), tie('type')).map(([key, value]): CqlType => ({ kind: 'map', key, value, frozen: true })),
    fc.array(tie('type'), { minLength: 1, maxLength: 3 }).map((elements): CqlType => ({ kind: 'tuple', elements })),
    fc.array(tie('type'), { minLength: 1, maxLength: 3 }).map((types): CqlType =>
      ({ kind: 'udt', keyspace: 'k', name: 'u', frozen: true, fields: types.map((type, i) => ({ name: `f${i}`, type })) })),
  ),
  type: fc.oneof({ maxDepth: 2, withCrossShrink: true }, tie('scalar'), tie('nested')),
})).type;

function prefixed(value: Uint8Array): [Uint8Array, Uint8Array] {
  return [bigEndian(BigInt(value.length), 4), value];
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}
