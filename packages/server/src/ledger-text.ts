// Positions and token ranges as the ledger keeps them: JSON, bytes in hex, tokens in decimal.

import type { Position, TokenRange } from '@aeneas/cassandra';

export function positionText({ partitionKey, clustering }: Position): string {
  return JSON.stringify({ key: hex(partitionKey), ...(clustering === undefined ? {} : { clustering: clustering.map((value) => value && hex(value)) }) });
}

export function positionOf(text: string): Position {
  const { key, clustering } = JSON.parse(text) as { readonly key: string; readonly clustering?: readonly (string | null)[] };
  return { partitionKey: bytes(key), ...(clustering === undefined ? {} : { clustering: clustering.map((value) => (value === null ? null : bytes(value))) }) };
}

export function rangeText({ start, end }: TokenRange): string {
  return JSON.stringify({ start: start?.toString(), end: end?.toString() });
}

export function rangeOf(text: string): TokenRange {
  const { start, end } = JSON.parse(text) as { readonly start?: string; readonly end?: string };
  return { ...(start === undefined ? {} : { start: BigInt(start) }), ...(end === undefined ? {} : { end: BigInt(end) }) };
}

function hex(value: Uint8Array): string {
  return Buffer.from(value).toString('hex');
}

function bytes(value: string): Uint8Array {
  return new Uint8Array(Buffer.from(value, 'hex'));
}
