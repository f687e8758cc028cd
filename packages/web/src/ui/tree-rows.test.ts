import { expect, test } from 'vitest';
import type { TreeNode } from '@aeneas/protocol';
import { ancestorsOf, itemsOf, rowsOf } from './tree-rows.ts';

const node = (depth: number, kind: TreeNode['kind'], name: string, isLazy = false): TreeNode => ({ depth, kind, name, ...(isLazy ? { isLazy } : {}) });
const items = itemsOf([node(0, 'keyspaces', 'Keyspaces'), node(1, 'keyspace', 'shop'), node(2, 'tables', 'Tables'), node(3, 'table', 'a/b', true), node(3, 'table', 'orders', true), node(1, 'keyspace', 'other')]);
const shown = (open: readonly string[], search = ''): string[] => rowsOf(items, new Set(open), search).map(({ depth, name }) => `${depth} ${name}`);

test('only what is in open nodes is shown', () => {
  expect(shown([])).toEqual(['0 Keyspaces']);
  expect(shown(['Keyspaces'])).toEqual(['0 Keyspaces', '1 shop', '1 other']);
  expect(shown(['Keyspaces', 'Keyspaces/shop', 'Keyspaces/shop/Tables'])).toEqual(['0 Keyspaces', '1 shop', '2 Tables', '3 a/b', '3 orders', '1 other']);
  expect(rowsOf(items, new Set(['Keyspaces']), '').map(({ position, siblings }) => `${position}/${siblings}`)).toEqual(['1/1', '1/2', '2/2']);
});

test('a search shows what it finds and the way there', () => {
  expect(shown([], 'ORD')).toEqual(['0 Keyspaces', '1 shop', '2 Tables', '3 orders']);
  expect(shown([], 'nothing')).toEqual([]);
  expect(shown(['Keyspaces/shop'], 'shop')).toEqual(['0 Keyspaces', '1 shop', '2 Tables']);
});

test('names with a slash have ids of their own', () => {
  expect(items[3]!.id).toBe('Keyspaces/shop/Tables/a%2Fb');
  expect(ancestorsOf(items[3]!.id)).toEqual(['Keyspaces', 'Keyspaces/shop', 'Keyspaces/shop/Tables']);
});
