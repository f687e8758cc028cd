// The winner of two cells of one timestamp, by the rules of 3.x (Conflicts.resolveRegular) and of 4.0 and later (Cells.resolveRegular).

import { describe, expect, it } from 'vitest';
import { CELL_DELETED, CELL_EXPIRING, NO_DELETION_TIME, Row } from '../model/row.ts';
import { cellWins, cellWinsTimeless } from './reconcile.ts';

const NOW = 1000;

interface Cell { readonly value?: string; readonly deletedAt?: number; readonly expiry?: number; readonly ttl?: number; readonly timestamp?: number }

function rowOf({ value = '', deletedAt, expiry, ttl = 10, timestamp = 5 }: Cell): Row {
  const row = new Row();
  row.reset(Buffer.from(value, 'hex'), false);
  const i = row.addCell();
  row.cellHi[i] = 0;
  row.cellLo[i] = timestamp;
  row.cellFlags[i] = deletedAt !== undefined ? CELL_DELETED : expiry !== undefined ? CELL_EXPIRING : 0;
  row.cellTtl[i] = expiry === undefined ? 0 : ttl;
  row.cellLocalDeletionTime[i] = deletedAt ?? expiry ?? NO_DELETION_TIME;
  row.valueStart[i] = 0;
  row.valueEnd[i] = row.bytes.length;
  return row;
}

const LIVE = { value: '20' };
const EXPIRING = { value: '10', expiry: NOW + 5 };
const EXPIRED = { value: '10', expiry: NOW - 5 };
const DELETED = { deletedAt: NOW - 1 };

/** [left, right, does left win in 3.x, and in 4.0]: of a pair that is not equal the other one wins in the other order. */
const CASES: readonly (readonly [string, Cell, Cell, boolean, boolean])[] = [
  ['a later timestamp', { value: '00', timestamp: 6 }, DELETED, true, true],
  ['deleted or live', DELETED, LIVE, true, true],
  ['deleted or expiring', DELETED, EXPIRING, true, true],
  ['deleted or expired', DELETED, EXPIRED, false, true],
  ['expired or live', EXPIRED, LIVE, true, true],
  ['expiring or live', EXPIRING, LIVE, false, true],
  ['expiring late or soon', { value: '10', expiry: NOW + 9 }, { value: '20', expiry: NOW + 5 }, false, true],
  ['expiring or expired', EXPIRING, EXPIRED, false, true],
  ['deleted early or late', { deletedAt: NOW - 1 }, { deletedAt: NOW - 2 }, true, true],
  ['a short or a long TTL up to the same second', { value: '10', expiry: NOW + 5, ttl: 7 }, { value: '20', expiry: NOW + 5, ttl: 8 }, false, true],
  ['values of the highest bit', { value: '80' }, { value: '7f' }, false, true],
  ['values of one beginning', { value: '1000' }, { value: '10' }, true, true],
  ['a deletion time behind 2038', { value: '10', expiry: 3_000_000_000 }, { value: '10', expiry: 2_000_000_000 }, true, true],
];

describe.each(CASES)('%s', (_name, left, right, in3, in4) => {
  it('by the rule of 3.x', () => {
    expect(cellWins(rowOf(left), 0, rowOf(right), 0, NOW)).toBe(in3);
    expect(cellWins(rowOf(right), 0, rowOf(left), 0, NOW)).toBe(!in3);
  });

  it('by the rule of 4.0, at any time', () => {
    expect(cellWinsTimeless(rowOf(left), 0, rowOf(right), 0)).toBe(in4);
    expect(cellWinsTimeless(rowOf(right), 0, rowOf(left), 0)).toBe(!in4);
  });
});
