import { expect, test } from 'vitest';
import { listing } from './listing.ts';

const people = Array.from({ length: 120 }, (_, i) => ({ name: `name ${i}`, age: i % 40 }));
const shown = (query: string) => listing(people, { path: '/', query: new URLSearchParams(query) }, ({ name, age }) => `${name} ${age}`, [{ id: 'age', of: ({ age }) => age }, { id: 'name', of: ({ name }) => name }]);

test('the address says what is shown: every word of the filter, the order, the page', () => {
  expect(shown('')).toMatchObject({ matches: 120, page: 1, pages: 3, sort: undefined });
  expect(shown('filter=NAME+7').items.map(({ name }) => name)).toContain('name 7');
  expect(shown('filter=nobody')).toMatchObject({ items: [], matches: 0, pages: 1 });
  expect(shown('sort=-age').items[0]!.age).toBe(39);
  expect(shown('sort=age').items.slice(0, 3).map(({ name }) => name)).toEqual(['name 0', 'name 40', 'name 80']);
  expect(shown('page=3').items).toHaveLength(20);
});

test('what is no address of ours is harmless', () => {
  expect(shown('sort=__proto__&page=999')).toMatchObject({ sort: undefined, page: 3 });
  expect(shown('page=-5&sort=-')).toMatchObject({ page: 1, sort: undefined });
});
