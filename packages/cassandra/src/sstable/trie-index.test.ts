// Against tries of this file's own making: pages and node types as Cassandra's writer chooses them, keys by the thousand.

import { describe, expect, it } from 'vitest';
import type { FileSystem } from '../bytes/byte-source.ts';
import type { Partitioner } from '../model/table-metadata.ts';
import { ringOf, tokenOfBigInt } from '../model/token-range.ts';
import { comparePartitions, partitionOfKey, tokenToBigInt } from '../model/token.ts';
import { descriptorOf } from './descriptor.ts';
import { pathOfToken } from './token-bytes.ts';
import { TrieIndex } from './trie-index.ts';

const PAGE = 4096;
const PARTITION_BYTES = 100;

interface Entry { readonly path: readonly number[]; readonly key: Buffer; readonly token: bigint; readonly position: number }
type Tree = Map<number, Tree> & { payload?: Buffer };

function entriesOf(partitioner: Partitioner, count: number): Entry[] {
  const keys = Array.from({ length: count }, (_, i) => Buffer.from(`key ${i}`));
  const sorted = keys.map((key) => partitionOfKey(partitioner, key)).sort(comparePartitions);
  return sorted.map((partition, i) => {
    const token = tokenToBigInt(partitioner, partition);
    const key = Buffer.from(partition.key.subarray(0, partition.keyLength));
    return { key, token, position: i * PARTITION_BYTES, path: [...pathOfToken(partitioner, token), 0x40, ...key, 0, 0x38] };
  });
}

/** Partitions.db and Rows.db: every tenth partition has an entry there. */
function write(entries: readonly Entry[]): Record<string, Buffer> {
  const rows: Buffer[] = [];
  let rowsLength = 0;
  const root: Tree = new Map();
  entries.forEach((entry, i) => {
    const common = (other: Entry | undefined) => (other ? entry.path.findIndex((byte, at) => byte !== other.path[at]) : 0);
    const length = Math.max(common(entries[i - 1]), common(entries[i + 1])) + 1;
    let tree = root;
    for (const byte of entry.path.slice(0, length)) {
      if (!tree.has(byte)) tree.set(byte, new Map());
      tree = tree.get(byte)!;
    }
    let value = BigInt(-entry.position - 1);
    if (i % 10 === 0) {
      value = BigInt(rowsLength);
      const head = Buffer.from([0, entry.key.length, ...entry.key, 0xf0, 0, 0, 0, 0, 7, 7, 7]);
      head.writeUInt32BE(entry.position, 2 + entry.key.length + 1);
      rows.push(head);
      rowsLength += head.length;
    }
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(value);
    let skip = 0;
    while (skip < 7 && bytes.readInt8(skip) === bytes.readInt8(skip + 1) >> 7) skip++;
    tree.payload = Buffer.from([0xaa, ...bytes.subarray(skip)]);
  });
  const out = new NodeWriter();
  const at = out.write(root);
  return { 'Partitions.db': out.finish(at, entries), 'Rows.db': Buffer.concat(rows) };
}

class NodeWriter {
  readonly #chunks: Buffer[] = [];
  #length = 0;

  write(tree: Tree): number {
    const children = [...tree].map(([byte, child]) => [byte, this.write(child)] as const);
    const node = this.#encode(tree, children);
    const encoded = this.#length % PAGE + node.length > PAGE ? this.#padded(tree, children) : node;
    const at = this.#length;
    this.#append(encoded);
    return at;
  }

  #padded(tree: Tree, children: readonly (readonly [number, number])[]): Buffer {
    this.#append(Buffer.alloc(PAGE - (this.#length % PAGE)));
    return this.#encode(tree, children);
  }

  #encode(tree: Tree, children: readonly (readonly [number, number])[]): Buffer {
    const payload = tree.payload ?? Buffer.alloc(0);
    const flags = payload.length === 0 ? 0 : 8 + payload.length - 2;
    const distances = children.map(([, child]) => this.#length - child);
    const largest = Math.max(0, ...distances);
    const bytes = children.map(([byte]) => byte);
    const head = (type: number) => (type << 4) | flags;
    const sized = (length: number, distance: number) => Buffer.from(distance.toString(16).padStart(length * 2, '0'), 'hex');
    const nibbles = (list: readonly number[]) => {
      const hex = list.map((distance) => distance.toString(16).padStart(3, '0')).join('');
      return Buffer.from(hex.length % 2 === 0 ? hex : `${hex}0`, 'hex');
    };
    if (children.length === 0) return Buffer.from([head(0), ...payload]);
    if (children.length === 1 && largest < 16 && flags === 0) return Buffer.from([0x10 | largest, bytes[0]!]);
    if (children.length === 1 && largest < 256) return Buffer.from([head(2), bytes[0]!, largest, ...payload]);
    if (children.length === 1 && largest < 4096 && flags === 0) return Buffer.from([0x30 | (largest >> 8), largest & 0xff, bytes[0]!]);
    if (children.length === 1 && largest < 65536) return Buffer.from([head(4), bytes[0]!, ...sized(2, largest), ...payload]);
    const width = largest < 4096 ? 1.5 : largest < 65536 ? 2 : largest < 1 << 24 ? 3 : 5;
    const span = bytes.at(-1)! - bytes[0]! + 1;
    if (2 + children.length * (1 + width) < 3 + span * width) {
      const type = width === 1.5 ? (largest < 256 ? 5 : 6) : width === 2 ? 7 : width === 3 ? 8 : 9;
      const list = type === 5 ? Buffer.from(distances) : width === 1.5 ? nibbles(distances) : Buffer.concat(distances.map((distance) => sized(width, distance)));
      return Buffer.from([head(type), children.length, ...bytes, ...list, ...payload]);
    }
    const all = Array.from({ length: span }, (_, i) => distances[bytes.indexOf(bytes[0]! + i)] ?? 0);
    const list = width === 1.5 ? nibbles(all) : Buffer.concat(all.map((distance) => sized(width, distance)));
    return Buffer.from([head(width === 1.5 ? 10 : width === 2 ? 11 : width === 3 ? 12 : 14), bytes[0]!, span - 1, ...list, ...payload]);
  }

  finish(root: number, entries: readonly Entry[]): Buffer {
    const end = this.#length;
    for (const { key } of [entries[0], entries.at(-1)!]) this.#append(Buffer.from([0, key.length, ...key]));
    const footer = Buffer.alloc(24);
    [end, entries.length, root].forEach((value, i) => footer.writeBigInt64BE(BigInt(value), i * 8));
    this.#append(footer);
    return Buffer.concat(this.#chunks);
  }

  #append(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#length += bytes.length;
  }
}

function filesOf(contents: Readonly<Record<string, Buffer>>): FileSystem {
  const bytesOf = (path: string) => contents[path.slice(path.lastIndexOf('-') + 1)];
  return {
    list: async () => [],
    kind: async (path) => (bytesOf(path) ? 'file' : undefined),
    open: async (path) => {
      const bytes = bytesOf(path)!;
      const read = async (into: Uint8Array, offset: number, length: number, position: number) => {
        const part = bytes.subarray(position, position + length);
        into.set(part, offset);
        return part.length;
      };
      return { path, size: bytes.length, read, close: async () => {} };
    },
  };
}

const open = (partitioner: Partitioner, entries: readonly Entry[], contents: Readonly<Record<string, Buffer>>) => TrieIndex.open(filesOf(contents), descriptorOf('k/t/da-1-bti-Data.db'), {
  partitioner, dataLength: entries.length * PARTITION_BYTES, keyAt: async (position) => entries[position / PARTITION_BYTES]!.key,
});

describe.each<[Partitioner, number]>([['murmur3', 30_000], ['murmur3', 40], ['murmur3', 1], ['random', 3000]])('%s, %i partitions', (partitioner, count) => {
  const entries = entriesOf(partitioner, count);
  const contents = write(entries);

  it('finds the first partition after any token', async () => {
    const index = await open(partitioner, entries, contents);
    const ring = ringOf(partitioner)!;
    const random = randomNumbers(7);
    const anyToken = () => ring.first + ((ring.last - ring.first) * BigInt(random(1 << 30))) / (1n << 30n);
    const edges = Array.from({ length: 300 }, () => entries[random(count)]!.token).flatMap((token) => [token - 1n, token, token + 1n]);
    const bounds = [...edges, ...Array.from({ length: 300 }, anyToken), ring.first, ring.last, entries[0].token - 1n, entries.at(-1)!.token];
    for (const bound of bounds) {
      const token = tokenOfBigInt(partitioner, bound);
      const expected = entries.find((entry) => entry.token > bound);
      const found = await index.firstAfter(token);
      expect(found && [found.position, Buffer.from(found.key).toString()]).toEqual(expected && [expected.position, expected.key.toString()]);
      expect(await index.positionAfter(token)).toBe(expected?.position);
    }
  });

  it('walks through all of them', async () => {
    const index = await open(partitioner, entries, contents);
    const positions: number[] = [];
    await index.forEach((position, token) => {
      const entry = entries[positions.length]!;
      const next = entries[positions.length + 1];
      const at = tokenToBigInt(partitioner, token);
      expect(at >= entry.token && (!next || at < next.token)).toBe(true);
      positions.push(position);
    });
    expect(positions).toEqual(entries.map(({ position }) => position));
  });

  it('answers damage with an error or another partition, never otherwise', async () => {
    const random = randomNumbers(count);
    const outcomes = new Set<string>();
    for (let i = 0; i < 200; i++) {
      const name = random(8) === 0 ? 'Rows.db' : 'Partitions.db';
      const bytes = Buffer.from(contents[name]);
      if (random(5) === 0) bytes.fill(random(256), random(bytes.length));
      else bytes[random(bytes.length)] ^= 1 << random(8);
      const damaged = { ...contents, [name]: random(10) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes };
      try {
        const index = await open(partitioner, entries, damaged);
        for (let j = 0; j < 5; j++) await index.firstAfter(tokenOfBigInt(partitioner, entries[random(count)].token - 1n));
        if (count < 100) await index.forEach(() => {});
        outcomes.add('answers');
      } catch (error) {
        // The stand-in for Data.db knows no other offsets than those of partitions.
        outcomes.add(error instanceof TypeError ? 'answers' : String((error as { code?: string }).code ?? error));
      }
    }
    expect([...outcomes].filter((outcome) => !/^(?:SSTABLE_CORRUPT|SSTABLE_TRUNCATED|answers)$/.test(outcome))).toEqual([]);
    expect(outcomes).toContain('SSTABLE_CORRUPT');
  });
});

/** Numbers from a seed, the same everywhere. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
