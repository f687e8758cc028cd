import { expect, test } from 'vitest';
import { isChosen } from './survey.ts';

test.each([
  ['shop.orders', ['shop.*'], true],
  ['shop.orders', ['shop.*', '!shop.ord*'], false],
  ['shop.orders', ['!shop.orders', 'shop.orders'], true],
  ['shop.orders', ['!other.*'], true],
  ['shop.orders', ['!shop.orders'], false],
  ['shop.orders', ['shop.order?'], true],
  ['shop.orders', ['shop.order'], false],
  ['Shop.orders', ['shop.orders'], false],
  ['shopXorders.t', ['shop.*'], false],
  ['shop.orders', ['*.*'], true],
])('%s by %j: %s', (name, patterns, chosen) => {
  expect(isChosen(name, patterns)).toBe(chosen);
});
