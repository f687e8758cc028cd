import type { TableStatus, TaskStatus } from '@aeneas/protocol';
import { expect, test } from 'vitest';
import { consequences } from './pages/consequences.ts';
import { facts } from './ui/facts.ts';
import { actionsOf, phaseOf, stateOf } from './words.ts';

const error = { code: 'TARGET_UNREACHABLE', message: 'DynamoDB does not answer.', remedy: 'Check the network.' };
const table: TableStatus = {
  table: 'shop.orders', target: 'prod-orders', phase: 'load', step: 'load', fraction: 0.5, splits: 9, committedSplits: 9, attempts: 11, running: 1, rows: 10, items: 10, bytes: 5, loadedItems: 4, rejectedRows: 0, retries: 0,
};
const task: TaskStatus = {
  id: 'shop-1', name: 'shop', projectFile: '/p/shop.yaml', workspace: '/p/kept', agents: [], state: 'stopped', createdMillis: 1, startedMillis: 2, elapsedMillis: 3, tables: [table], staging: 's3://bucket/prefix',
  totals: { tables: 1, tablesDone: 0, tablesFailed: 0, splits: 9, committedSplits: 9, attempts: 11, rows: 10, items: 10, bytes: 5, loadedItems: 4, rejectedRows: 0, retries: 0, rowsPerSecond: 0, fraction: 0.5 },
};

test('a table is never shown as at work when nothing works on it', () => {
  const shown = (change: Partial<TableStatus>, state: TaskStatus['state'] = 'running') => phaseOf({ ...table, ...change }, state);
  expect(shown({})).toEqual({ look: 'in-progress', text: 'loading' });
  expect(shown({ running: 0 })).toMatchObject({ look: 'pending' });
  expect(shown({ running: 0, lastError: error })).toEqual({ look: 'warning', text: 'loading, waiting to retry' });
  expect(shown({}, 'stopped')).toEqual({ look: 'stopped', text: 'stopped while loading' });
  expect(shown({ failure: error })).toMatchObject({ look: 'error' });
  expect(shown({ phase: 'done', isEqual: true })).toEqual({ look: 'success', text: 'done, equal' });
  expect(shown({ phase: 'done', isEqual: true, rejectedRows: 1 })).toMatchObject({ look: 'warning' });
  expect(shown({ phase: 'done', isEqual: false })).toMatchObject({ look: 'error' });
});

test('a task that ended with findings does not look like one that is clean', () => {
  expect(stateOf({ state: 'done', isClean: false })).toEqual({ look: 'warning', text: 'done, with findings' });
  expect(stateOf({ state: 'done', isClean: true })).toEqual({ look: 'success', text: 'done' });
});

test('only what the server would do is offered', () => {
  expect((['created', 'running', 'stopping', 'stopped', 'failed', 'done', 'deleting'] as const).map(actionsOf)).toEqual([
    ['start', 'delete'], ['stop'], [], ['resume', 'delete'], ['resume', 'delete'], ['delete'], ['delete'],
  ]);
});

test('a deletion names what goes and what stays', () => {
  const { goes, stays } = consequences(task);
  expect(goes.join('\n')).toMatch(/shop-1[\s\S]*s3:\/\/bucket\/prefix[\s\S]*9 finished splits of 9 in \/p\/kept/);
  expect(stays.join('\n')).toMatch(/1 table in DynamoDB with 4 loaded items: prod-orders[\s\S]*\/p\/shop.yaml/);
  const never = consequences({ ...task, startedMillis: undefined, tables: [] });
  expect(never.goes).toEqual([expect.stringContaining('shop-1'), 'Nothing else: it was never started']);
});

test('what is said aloud changes with states, not with numbers', () => {
  const said = (change: Partial<TaskStatus>) => [...facts({ connection: 'live', overview: undefined, task: { id: 'shop-1', status: { ...task, ...change }, log: [], problem: undefined } })];
  expect(said({ totals: { ...task.totals, rows: 99 } })).toEqual(said({}));
  expect(said({ tables: [{ ...table, failure: error }] })).not.toEqual(said({}));
});
