// IP addresses of 4 or 16 bytes as text.

import { cassandraError } from '../errors.ts';

/** "10.0.0.1", "2001:db8::1" (RFC 5952: the longest run of zeros shortened). Throws VALUE_INVALID for other lengths. */
export function inetText(bytes: Uint8Array, start: number, end: number): string {
  requireAddress(start, end);
  if (end - start === 4) return dotted(bytes, start);
  if (isMapped(bytes, start)) return `::ffff:${dotted(bytes, start + 12)}`;
  const groups = groupsOf(bytes, start);
  const { at, length } = longestZeros(groups);
  const text = (from: number, to: number): string => groups.slice(from, to).map((group) => group.toString(16)).join(':');
  return length < 2 ? text(0, 8) : `${text(0, at)}::${text(at + length, 8)}`;
}

/** As InetAddress.getHostAddress of Java writes them: nothing shortened, and mapped IPv4 addresses as IPv4. Throws VALUE_INVALID. */
export function javaInetText(bytes: Uint8Array, start: number, end: number): string {
  requireAddress(start, end);
  if (end - start === 4) return dotted(bytes, start);
  return isMapped(bytes, start) ? dotted(bytes, start + 12) : groupsOf(bytes, start).map((group) => group.toString(16)).join(':');
}

function requireAddress(start: number, end: number): void {
  if (end - start !== 4 && end - start !== 16) throw cassandraError('VALUE_INVALID', `An IP address of ${end - start} bytes`);
}

function dotted(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

function isMapped(bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < 10; i++) {
    if (bytes[start + i] !== 0) return false;
  }
  return bytes[start + 10] === 0xff && bytes[start + 11] === 0xff;
}

function groupsOf(bytes: Uint8Array, start: number): number[] {
  return Array.from({ length: 8 }, (_, i) => (bytes[start + 2 * i] << 8) | bytes[start + 2 * i + 1]);
}

/** The first longest run of zero groups. */
function longestZeros(groups: readonly number[]): { at: number; length: number } {
  let best = { at: 0, length: 0 };
  let length = 0;
  for (let i = 0; i < groups.length; i++) {
    length = groups[i] === 0 ? length + 1 : 0;
    if (length > best.length) best = { at: i + 1 - length, length };
  }
  return best;
}
