// The index of the bti format: the trie of Partitions.db leads to partitions in Data.db, to large ones by way of Rows.db (docs/formats/tries.md).

import type { ByteSource, FileSystem } from '../bytes/byte-source.ts';
import { ByteCursor } from '../bytes/byte-cursor.ts';
import { PagedReader } from '../bytes/paged-reader.ts';
import { cassandraError } from '../errors.ts';
import type { Partitioner } from '../model/table-metadata.ts';
import { requireTokens } from '../model/token-range.ts';
import { compareTokens, partitionOfKey, tokenToBigInt } from '../model/token.ts';
import type { Token } from '../model/token.ts';
import type { Descriptor } from './descriptor.ts';
import type { IndexedData, IndexedPartition, KeyAt, PartitionIndex, PartitionVisitor } from './partition-index.ts';
import { pathOfToken, tokenOfPath } from './token-bytes.ts';
import { TrieNode } from './trie-node.ts';

/** No node crosses a page of the writer's. */
const PAGE_BYTES = 4096;
/** More than a path of a trie has pages. */
const PAGES_KEPT = 16;
const FOOTER_BYTES = 24;
const MAX_VINT_BYTES = 9;
/** Of a payload: a byte of the key's hash comes first. */
const HAS_HASH = 8;

/** A partition that a payload names; large ones with their key. */
interface Entry {
  readonly position: number;
  readonly key: Uint8Array | undefined;
}

/**
 * Neither file has checksums: keys are compared with Data.db where a scan begins and ends, tokens with what was asked for here.
 * Errors: SSTABLE_COMPONENT_MISSING without Partitions.db (or Rows.db, when a partition has an entry there), SSTABLE_CORRUPT, SSTABLE_TRUNCATED.
 */
export class TrieIndex implements PartitionIndex {
  readonly keyAt: KeyAt;
  readonly #partitions: ByteSource;
  readonly #rows: ByteSource | undefined;
  readonly #nodes: PagedReader;
  readonly #entries: PagedReader | undefined;
  readonly #partitioner: Partitioner;
  readonly #dataLength: number;
  readonly #footer: { readonly nodesEnd: number; readonly keyCount: number; readonly root: number };

  private constructor(partitions: ByteSource, rows: ByteSource | undefined, footer: Uint8Array, { partitioner, dataLength, keyAt }: IndexedData) {
    this.#partitions = partitions;
    this.#rows = rows;
    this.#nodes = new PagedReader(partitions, PAGES_KEPT);
    this.#entries = rows && new PagedReader(rows);
    this.#partitioner = partitioner;
    this.#dataLength = dataLength;
    this.keyAt = keyAt;
    const input = new ByteCursor(footer);
    const nodesEnd = input.readLength64('The position of the first key');
    const keyCount = input.readLength64('The number of keys');
    const root = input.readLength64('The position of the root');
    if (nodesEnd > partitions.size - FOOTER_BYTES || root >= nodesEnd || keyCount === 0) throw this.#corrupt(`${keyCount} keys, ${nodesEnd} bytes of nodes and the root at ${root}`);
    this.#footer = { nodesEnd, keyCount, root };
  }

  static async open(files: FileSystem, descriptor: Descriptor, data: IndexedData): Promise<TrieIndex> {
    const path = descriptor.pathOf('Partitions.db');
    if ((await files.kind(path)) === undefined) throw cassandraError('SSTABLE_COMPONENT_MISSING', 'Partitions.db is not there: it finds a token range', { file: path });
    const rowsPath = descriptor.pathOf('Rows.db');
    const partitions = await files.open(path);
    let rows: ByteSource | undefined;
    try {
      rows = (await files.kind(rowsPath)) === undefined ? undefined : await files.open(rowsPath);
      if (partitions.size < FOOTER_BYTES) throw cassandraError('SSTABLE_TRUNCATED', `The file has only ${partitions.size} bytes`, { file: path });
      const footer = await new PagedReader(partitions).read(partitions.size - FOOTER_BYTES, FOOTER_BYTES);
      return new TrieIndex(partitions, rows, footer, data);
    } catch (error) {
      await partitions.close();
      await rows?.close();
      throw error;
    }
  }

  get sizeBytes(): number {
    return this.#partitions.size + (this.#rows?.size ?? 0);
  }

  async firstAfter(token: Token): Promise<IndexedPartition | undefined> {
    const found = await this.#search(token);
    if (!found) return undefined;
    const key = found.key ?? (await this.keyAt(found.position));
    if (!this.#isAfter(key, token)) throw this.#corrupt(`The partition at byte ${found.position} is not after the token that was looked for`);
    return { key, position: found.position };
  }

  async positionAfter(token: Token): Promise<number | undefined> {
    return (await this.#search(token))?.position;
  }

  async forEach(visit: PartitionVisitor): Promise<void> {
    const path: number[] = [];
    const open: { readonly node: TrieNode; slot: number }[] = [{ node: await this.#node(this.#footer.root), slot: -1 }];
    let last = -1;
    let count = 0;
    while (open.length > 0) {
      const top = open[open.length - 1];
      if (top.slot++ < 0 && top.node.payloadFlags !== 0) {
        const { position, key } = await this.#entryOf(top.node);
        if (position <= last) throw this.#corrupt(`The partition at byte ${position} comes after the one at ${last}`);
        last = position;
        count++;
        visit(position, tokenOfPath(this.#partitioner, path, open.length - 1), key);
      }
      if (top.slot === top.node.slots) {
        open.pop();
        continue;
      }
      const child = top.node.child(top.slot);
      if (child === undefined) continue;
      path[open.length - 1] = top.node.byteOf(top.slot);
      open.push({ node: await this.#node(child), slot: -1 });
    }
    if (count !== this.#footer.keyCount) throw this.#corrupt(`${count} of ${this.#footer.keyCount} partitions are in the trie`);
  }

  async close(): Promise<void> {
    await this.#partitions.close();
    await this.#rows?.close();
  }

  /** The first partition with a greater token; its key only where that was needed. */
  async #search(token: Token): Promise<Entry | undefined> {
    const next = tokenToBigInt(this.#partitioner, token) + 1n;
    if (next > requireTokens(this.#partitioner).last) return undefined;
    let node = await this.#node(this.#footer.root);
    let greater: number | undefined;
    for (const byte of pathOfToken(this.#partitioner, next)) {
      let child: number | undefined;
      for (let slot = 0; slot < node.slots; slot++) {
        const by = node.byteOf(slot);
        const there = by < byte ? undefined : node.child(slot);
        if (there === undefined) continue;
        if (by === byte) child = there;
        else {
          greater = there;
          break;
        }
      }
      if (child === undefined) {
        // What the path stands for may be before or after: only the key tells.
        const candidate = node.payloadFlags === 0 ? undefined : await this.#entryOf(node);
        const key = candidate && (candidate.key ?? (await this.keyAt(candidate.position)));
        if (candidate && key && this.#isAfter(key, token)) return { ...candidate, key };
        return greater === undefined ? undefined : this.#first(await this.#node(greater));
      }
      node = await this.#node(child);
    }
    return this.#first(node);
  }

  /** The first partition at or below a node. */
  async #first(from: TrieNode): Promise<Entry> {
    let node = from;
    while (node.payloadFlags === 0) {
      let child: number | undefined;
      for (let slot = 0; slot < node.slots && child === undefined; slot++) child = node.child(slot);
      if (child === undefined) throw this.#corrupt(`The trie node at byte ${node.position} leads to nothing`);
      node = await this.#node(child);
    }
    return this.#entryOf(node);
  }

  async #node(position: number): Promise<TrieNode> {
    if (position >= this.#footer.nodesEnd) throw this.#corrupt(`A trie node at byte ${position} of ${this.#footer.nodesEnd}`);
    const page = position - (position % PAGE_BYTES);
    const bytes = await this.#nodes.read(page, Math.min(PAGE_BYTES, this.#footer.nodesEnd - page));
    return new TrieNode(bytes.subarray(position - page), position, this.#partitions.path);
  }

  /** What the payload of a node says: the partition's place in Data.db with all bits flipped, or that of its entry in Rows.db. */
  async #entryOf(node: TrieNode): Promise<Entry> {
    const value = node.payload(HAS_HASH);
    if (value >= 0) return this.#rowsEntry(value);
    return this.#within({ position: -value - 1, key: undefined });
  }

  async #rowsEntry(at: number): Promise<Entry> {
    if (!this.#rows || !this.#entries) throw cassandraError('SSTABLE_COMPONENT_MISSING', 'Rows.db is not there, and Partitions.db refers to it', { file: this.#partitions.path });
    const head = await this.#entries.read(at, 2);
    const keyLength = (head[0] << 8) | head[1];
    const length = 2 + keyLength + Math.min(MAX_VINT_BYTES, Math.max(0, this.#rows.size - at - 2 - keyLength));
    const input = new ByteCursor(await this.#entries.read(at, length), 2);
    const keyStart = input.take(keyLength);
    return this.#within({ key: input.bytes.slice(keyStart, keyStart + keyLength), position: input.readUnsignedVInt() });
  }

  #within(entry: Entry): Entry {
    if (entry.position >= this.#dataLength) throw this.#corrupt(`An index entry points to byte ${entry.position} of ${this.#dataLength}`);
    return entry;
  }

  #isAfter(key: Uint8Array, token: Token): boolean {
    return compareTokens(partitionOfKey(this.#partitioner, key), token) > 0;
  }

  #corrupt(message: string): Error {
    return cassandraError('SSTABLE_CORRUPT', message, { file: this.#partitions.path });
  }
}
