import { describe, expect, it } from 'vitest';
import { closestName } from './closest-name.ts';

describe('closestName', () => {
  it('finds the name that was meant', () => {
    expect(closestName('shop.order', ['shop.orders', 'shop.items'])).toBe('shop.orders');
    expect(closestName('"Shop"."Orders"', ['shop.orders', 'sensor.readings'])).toBe(undefined);
    expect(closestName('SHOP.ORDERS', ['shop.order', 'shop.orders'])).toBe('shop.orders');
    expect(closestName('x', ['orders'])).toBe(undefined);
    expect(closestName('x', [])).toBe(undefined);
  });
});
