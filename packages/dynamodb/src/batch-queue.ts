// The loader's reorder buffer: items wait here until a batch takes them, one of each partition at a time, so that neighbours (rows come
// partition by partition) do not hit one physical partition of DynamoDB together. It also knows which items were acknowledged in order.

/** An item on its way. `T` is what the caller wants to know it by. */
export interface Entry<T> {
  readonly bytes: Uint8Array;
  /** The key attributes' JSON: equal for equal keys. */
  readonly key: string;
  readonly partition: string;
  readonly sizeBytes: number;
  readonly ticket: T;
  state: 'waiting' | 'inFlight' | 'done';
  /** Older items with the same key that this one replaces: they are done when it is. */
  replaced: Entry<T>[];
}

/** Items of one partition that wait, in order. */
interface PartitionQueue<T> {
  readonly partition: string;
  readonly entries: Entry<T>[];
}

/** The acknowledged part of `#order` is cut off when it is this long. */
const COMPACT_AFTER = 4096;

export class BatchQueue<T> {
  /** Items that were added and are not done. */
  size = 0;
  bytes = 0;
  /** Items that a batch could take. */
  waiting = 0;
  /** The ticket up to which everything is done, in the order of adding. */
  acknowledged: T | undefined;

  readonly #order: Entry<T>[] = [];
  #acknowledgedCount = 0;
  readonly #ring: PartitionQueue<T>[] = [];
  readonly #partitions = new Map<string, PartitionQueue<T>>();
  #next = 0;
  /** The newest item of each key that is not done. */
  readonly #byKey = new Map<string, Entry<T>>();
  /** Items whose key is in flight with an older item. */
  readonly #blocked = new Map<string, Entry<T>>();

  /** Adds an item. One that waits under the same key is replaced: the last write wins. */
  add(bytes: Uint8Array, key: string, partition: string, sizeBytes: number, ticket: T): void {
    const entry: Entry<T> = { bytes, key, partition, sizeBytes, ticket, state: 'waiting', replaced: [] };
    this.#order.push(entry);
    this.size++;
    this.bytes += bytes.length;
    const other = this.#byKey.get(key);
    this.#byKey.set(key, entry);
    if (other === undefined) this.#enqueue(entry);
    else this.#replace(other, entry);
  }

  /** The next batch: at most so many items and bytes, as many different partitions as there are. */
  take(maxItems: number, maxBytes: number): Entry<T>[] {
    const batch: Entry<T>[] = [];
    let bytes = 0;
    while (batch.length < maxItems && this.#ring.length > 0) {
      if (this.#next >= this.#ring.length) this.#next = 0;
      const queue = this.#ring[this.#next];
      const entry = queue.entries[0];
      if (batch.length > 0 && bytes + entry.bytes.length > maxBytes) break;
      queue.entries.shift();
      if (queue.entries.length === 0) this.#dropQueue(this.#next);
      else this.#next++;
      entry.state = 'inFlight';
      bytes += entry.bytes.length;
      this.waiting--;
      batch.push(entry);
    }
    return batch;
  }

  /** The item was acknowledged. */
  done(entry: Entry<T>): void {
    this.#finish(entry);
    for (const older of entry.replaced) this.#finish(older);
    const blocked = this.#blocked.get(entry.key);
    if (blocked) {
      this.#blocked.delete(entry.key);
      this.#enqueue(blocked);
    } else this.#byKey.delete(entry.key);
    this.#advance();
  }

  #enqueue(entry: Entry<T>): void {
    this.waiting++;
    this.#queueOf(entry.partition).entries.push(entry);
  }

  #replace(other: Entry<T>, entry: Entry<T>): void {
    if (other.state === 'inFlight') {
      this.#blocked.set(entry.key, entry);
      return;
    }
    entry.replaced = [other, ...other.replaced];
    other.replaced = [];
    if (this.#blocked.get(entry.key) === other) this.#blocked.set(entry.key, entry);
    else {
      const queue = this.#queueOf(entry.partition);
      queue.entries[queue.entries.indexOf(other)] = entry;
    }
  }

  #finish(entry: Entry<T>): void {
    entry.state = 'done';
    this.size--;
    this.bytes -= entry.bytes.length;
  }

  #advance(): void {
    const order = this.#order;
    while (this.#acknowledgedCount < order.length && order[this.#acknowledgedCount].state === 'done') {
      this.acknowledged = order[this.#acknowledgedCount++].ticket;
    }
    if (this.#acknowledgedCount < COMPACT_AFTER && this.#acknowledgedCount < order.length) return;
    order.splice(0, this.#acknowledgedCount);
    this.#acknowledgedCount = 0;
  }

  #queueOf(partition: string): PartitionQueue<T> {
    let queue = this.#partitions.get(partition);
    if (!queue) {
      queue = { partition, entries: [] };
      this.#partitions.set(partition, queue);
      this.#ring.push(queue);
    }
    return queue;
  }

  #dropQueue(index: number): void {
    this.#partitions.delete(this.#ring[index].partition);
    const last = this.#ring.pop()!;
    if (index < this.#ring.length) this.#ring[index] = last;
  }
}
