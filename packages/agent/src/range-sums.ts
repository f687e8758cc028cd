// Items summed up by token range, in a form that crosses threads: what the validation compares.

import { ItemDigest } from '@aeneas/dynamodb';
import type { CanonicalItem } from '@aeneas/dynamodb';

export interface DigestSum {
  readonly items: number;
  /** 128 bits in hex. */
  readonly digest: string;
}

/** The items of one token range. Those whose TTL has passed are apart, since DynamoDB may remove them at any moment. */
export interface RangeSums {
  readonly live: DigestSum;
  readonly expired: DigestSum;
}

export class RangeDigest {
  readonly #live = new ItemDigest();
  readonly #expired = new ItemDigest();
  readonly #ttlAttribute: string | undefined;
  readonly #expiredBeforeSeconds: number;

  constructor(ttlAttribute: string | undefined, expiredBeforeSeconds: number) {
    this.#ttlAttribute = ttlAttribute;
    this.#expiredBeforeSeconds = expiredBeforeSeconds;
  }

  add(item: CanonicalItem): void {
    (isExpired(item, this.#ttlAttribute, this.#expiredBeforeSeconds) ? this.#expired : this.#live).add(item);
  }

  sums(): RangeSums {
    return { live: sumOf(this.#live), expired: sumOf(this.#expired) };
  }
}

export function isExpired(item: CanonicalItem, ttlAttribute: string | undefined, nowSeconds: number): boolean {
  if (ttlAttribute === undefined) return false;
  const expiry = item[ttlAttribute]?.N;
  return expiry !== undefined && Number(expiry) <= nowSeconds;
}

/** The sums of several segments of one range. */
export function addSums(all: readonly RangeSums[]): RangeSums {
  const live = new ItemDigest();
  const expired = new ItemDigest();
  for (const sums of all) {
    live.merge(ItemDigest.of(sums.live.items, sums.live.digest));
    expired.merge(ItemDigest.of(sums.expired.items, sums.expired.digest));
  }
  return { live: sumOf(live), expired: sumOf(expired) };
}

function sumOf(digest: ItemDigest): DigestSum {
  return { items: digest.items, digest: digest.toString() };
}
