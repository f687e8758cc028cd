// UUIDs, addresses and durations as text (docs/MAPPING.md, "Types").

import { writeAscii, writeHex, writeUint32 } from './digits.ts';

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

/** `192.0.2.1` of 4 bytes, RFC 5952 in hex groups of 16; at most 39 bytes. */
export function writeInet(out: Uint8Array, pos: number, from: Uint8Array, start: number, end: number): number {
  if (end - start === 16) return writeInet6(out, pos, from, start);
  for (let i = start; i < end; i++) {
    if (i > start) out[pos++] = 0x2e;
    pos = writeUint32(out, pos, from[i]);
  }
  return pos;
}

function writeInet6(out: Uint8Array, pos: number, from: Uint8Array, start: number): number {
  const group = (i: number) => (from[start + 2 * i] << 8) | from[start + 2 * i + 1];
  // The first of the longest runs of zero groups; a single one is not shortened.
  let runStart = -1, runLength = 1;
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && group(i + length) === 0) length++;
    if (length > runLength) {
      runStart = i;
      runLength = length;
    }
  }
  for (let i = 0; i < 8; i++) {
    if (i === runStart) {
      out[pos++] = 0x3a;
      out[pos++] = 0x3a;
      i += runLength - 1;
      continue;
    }
    if (i > 0 && i !== runStart + runLength) out[pos++] = 0x3a;
    pos = writeAscii(out, pos, group(i).toString(16));
  }
  return pos;
}

const NANO_UNITS: readonly (readonly [bigint, string])[] = [
  [3_600_000_000_000n, 'h'], [60_000_000_000n, 'm'], [1_000_000_000n, 's'], [1_000_000n, 'ms'], [1_000n, 'us'], [1n, 'ns'],
];

/** A duration's three parts, or undefined where the bytes are not three vints of one sign. */
export function readDuration(from: Uint8Array, start: number, end: number): { months: bigint; days: bigint; nanos: bigint } | undefined {
  const parts: bigint[] = [];
  let pos = start;
  while (parts.length < 3) {
    if (pos >= end) return undefined;
    const first = from[pos++];
    const extra = Math.clz32(~(first << 24)); // leading one bits of the first byte
    if (pos + extra > end) return undefined;
    let zigzag = extra >= 7 ? 0n : BigInt(first & (0x7f >> extra));
    for (let i = 0; i < extra; i++) zigzag = (zigzag << 8n) | BigInt(from[pos++]);
    parts.push((zigzag >> 1n) ^ -(zigzag & 1n));
  }
  const [months, days, nanos] = parts;
  const fits = BigInt.asIntN(32, months) === months && BigInt.asIntN(32, days) === days;
  const oneSign = (months >= 0n && days >= 0n && nanos >= 0n) || (months <= 0n && days <= 0n && nanos <= 0n);
  return pos === end && fits && oneSign ? { months, days, nanos } : undefined;
}

/** `1y2mo3d4h5m6s7ms8us9ns`, Cassandra's text; zero is `0s`. Undefined where the bytes are no duration. */
export function durationText(from: Uint8Array, start: number, end: number): string | undefined {
  const duration = readDuration(from, start, end);
  if (duration === undefined) return undefined;
  const absolute = (n: bigint) => (n < 0n ? -n : n);
  const months = absolute(duration.months);
  let text = '';
  const add = (count: bigint, unit: string) => {
    if (count > 0n) text += `${count}${unit}`;
  };
  add(months / 12n, 'y');
  add(months % 12n, 'mo');
  add(absolute(duration.days), 'd');
  let rest = absolute(duration.nanos);
  for (const [size, unit] of NANO_UNITS) {
    add(rest / size, unit);
    rest %= size;
  }
  if (text === '') return '0s';
  return duration.months < 0n || duration.days < 0n || duration.nanos < 0n ? `-${text}` : text;
}
