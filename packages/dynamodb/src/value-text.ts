// UUIDs and durations as text (docs/MAPPING.md, "Types").

import { durationOf } from '@aeneas/cassandra';
import { writeHex } from './digits.ts';

/** `550e8400-e29b-41d4-a716-446655440000` of 16 bytes; 36 bytes. */
export function writeUuid(out: Uint8Array, pos: number, from: Uint8Array, start: number): number {
  pos = writeHex(out, pos, from, start, start + 4);
  out[pos++] = 0x2d;
  pos = writeHex(out, pos, from, start + 4, start + 6);
  out[pos++] = 0x2d;
  pos = writeHex(out, pos, from, start + 6, start + 8);
  out[pos++] = 0x2d;
  pos = writeHex(out, pos, from, start + 8, start + 10);
  out[pos++] = 0x2d;
  return writeHex(out, pos, from, start + 10, start + 16);
}

const NANO_UNITS: readonly (readonly [bigint, string])[] = [
  [3_600_000_000_000n, 'h'], [60_000_000_000n, 'm'], [1_000_000_000n, 's'], [1_000_000n, 'ms'], [1_000n, 'us'], [1n, 'ns'],
];

/** `1y2mo3d4h5m6s7ms8us9ns`, Cassandra's text; zero is `0s`. Undefined where the bytes are no duration (parts of two signs). */
export function durationText(from: Uint8Array, start: number, end: number): string | undefined {
  const { months, days, nanos } = durationOf(from, start, end);
  const negative = months < 0n || days < 0n || nanos < 0n;
  if (negative && (months > 0n || days > 0n || nanos > 0n)) return undefined;
  const absolute = (n: bigint) => (n < 0n ? -n : n);
  let text = '';
  const add = (count: bigint, unit: string) => {
    if (count > 0n) text += `${count}${unit}`;
  };
  add(absolute(months) / 12n, 'y');
  add(absolute(months) % 12n, 'mo');
  add(absolute(days), 'd');
  let rest = absolute(nanos);
  for (const [size, unit] of NANO_UNITS) {
    add(rest / size, unit);
    rest %= size;
  }
  if (text === '') return '0s';
  return negative ? `-${text}` : text;
}
