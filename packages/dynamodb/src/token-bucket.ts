// The ceiling of write capacity: units flow in at a steady rate, a batch waits until there are enough.

import { setTimeout as sleep } from 'node:timers/promises';

export class TokenBucket {
  readonly #perSecond: number;
  #units: number;
  #at = performance.now();

  /** At most one second's worth is saved up. */
  constructor(unitsPerSecond: number) {
    this.#perSecond = unitsPerSecond;
    this.#units = unitsPerSecond;
  }

  /** Takes units, after waiting until they are there. More than a second's worth leaves a debt that later takers wait for. */
  async take(units: number, signal: AbortSignal): Promise<void> {
    this.#refill();
    this.#units -= units;
    if (this.#units < 0) await sleep((-this.#units / this.#perSecond) * 1000, undefined, { signal });
  }

  /** Corrects an estimate by what was really consumed. */
  settle(estimated: number, consumed: number): void {
    this.#units += estimated - consumed;
  }

  #refill(): void {
    const now = performance.now();
    this.#units = Math.min(this.#perSecond, this.#units + ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
  }
}
