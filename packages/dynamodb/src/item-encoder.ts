// Live rows to DynamoDB items as JSON bytes. One encoder per table and output; what a partition's items have in common is written once.
//
//   item := '{' partition key ',' sort key (',' column)* (',' ttl)? '}'

import { CELL_EXPIRING } from '@aeneas/cassandra';
import type { Partition, Row } from '@aeneas/cassandra';
import { AttributeWriter, nativeKeyValue } from './attribute-writer.ts';
import { Constant } from './constant.ts';
import { writeSafeInteger } from './digits.ts';
import type { IndexedAttribute } from './index-plan.ts';
import { IndexUnits } from './index-units.ts';
import { MAX_ITEM_BYTES, MAX_PARTITION_KEY_BYTES, MAX_SORT_KEY_BYTES, integerSize } from './item-size.ts';
import { STATIC_SORT_KEY, isPlainForm } from './key-plan.ts';
import type { KeyPlan } from './key-plan.ts';
import { KeyWriter } from './key-writer.ts';
import { OutputBuffer } from './output-buffer.ts';
import { splitPartitionKey } from './partition-key.ts';
import type { KeySlices } from './partition-key.ts';
import { rejectedRowLine } from './rejected.ts';
import type { KeyValue, Rejection } from './rejected.ts';
import type { TablePlan } from './table-plan.ts';
import { jsonLabel } from './value-plan.ts';
import type { ValuePlan } from './value-plan.ts';

const LINE_OPEN = new Constant('{"Item":{');
const LINE_CLOSE = new Constant('}}\n');
const ITEM_OPEN = new Constant('{');
const ITEM_CLOSE = new Constant('}');
/** End of an S, N or B attribute. */
const SCALAR_CLOSE = new Constant('"}');
const STATIC_KEY = Buffer.from(STATIC_SORT_KEY);
const TTL_ROOM = 32;
const WORD_BYTES = 4;

/** What became of the rows, for the report. */
export interface ItemCounts {
  /** Items written, static ones included. */
  items: number;
  staticItems: number;
  rejected: number;
  /** Items whose parts expire at different times, or some of them never. */
  mixedExpiry: number;
}

export interface ItemEncoderOptions {
  /** `{"Item":{...}}` and a line feed, as import files have it; otherwise just `{...}`. */
  readonly asLines?: boolean;
}

/** A key attribute in the making. */
interface KeyAttribute {
  readonly plan: KeyPlan;
  /** `"name":{"S":"`, for the sort key with a comma before it. */
  readonly opening: Constant;
  readonly nameBytes: number;
  readonly maxBytes: number;
  /** Set for native keys. */
  readonly value: ValuePlan | undefined;
  /** An encoded key of characters that stand for themselves in JSON. */
  readonly isPlain: boolean;
  readonly indexed: IndexedAttribute | undefined;
}

/** JSON of a partition that goes into each of its items. */
class Fragment {
  readonly out = new OutputBuffer();
  readonly writer: AttributeWriter;

  constructor(slots: number) {
    this.writer = new AttributeWriter(this.out, slots);
  }

  begin(): AttributeWriter {
    this.out.length = 0;
    this.writer.begin();
    return this.writer;
  }
}

export class ItemEncoder {
  readonly plan: TablePlan;
  readonly out: OutputBuffer;
  readonly counts: ItemCounts = { items: 0, staticItems: 0, rejected: 0, mixedExpiry: 0 };
  /** The last item: where it starts in `out` (it ends at `out.length`), and its bytes as DynamoDB counts them. */
  itemStart = 0;
  itemSize = 0;
  /** Write units of the last item in the indexes of its table. */
  indexUnits = 0;
  /** Offsets in the item at which the partition key and both keys end. Items with equal keys have equal bytes up to there. */
  partitionKeyEnd = 0;
  keyEnd = 0;
  /** Why the last row has no item. */
  rejection: Rejection | undefined;
  /** The serialized key of the current partition, `partitionLength` bytes long. */
  partition: Uint8Array<ArrayBuffer> = new Uint8Array(64);
  partitionLength = 0;

  readonly #writer: AttributeWriter;
  readonly #keyWriter = new KeyWriter();
  readonly #open: Constant;
  readonly #close: Constant;
  readonly #partitionKey: KeyAttribute;
  readonly #sortKey: KeyAttribute | undefined;
  readonly #ttlOpening: Constant | undefined;
  readonly #ttlNameBytes: number;
  readonly #ttlIndexed: IndexedAttribute | undefined;
  readonly #indexUnits: IndexUnits | undefined;
  readonly #copiesStatics: boolean;
  readonly #slices: KeySlices = { starts: [], ends: [] };
  /** The partition key attribute, the partition key's columns, the static columns. */
  readonly #keyFragment: Fragment;
  readonly #columnFragment: Fragment;
  readonly #staticFragment: Fragment;
  #staticExpiry = 0;
  #staticIsMixed = false;
  #isMixed = false;

  constructor(plan: TablePlan, out: OutputBuffer = new OutputBuffer(), options: ItemEncoderOptions = {}) {
    this.plan = plan;
    this.out = out;
    const slots = plan.indexed.size;
    this.#writer = new AttributeWriter(out, slots);
    this.#keyFragment = new Fragment(slots);
    this.#columnFragment = new Fragment(slots);
    this.#staticFragment = new Fragment(slots);
    this.#indexUnits = plan.indexes.length === 0 ? undefined : new IndexUnits(plan.indexes, plan.indexed, [plan.partitionKey, ...(plan.sortKey ? [plan.sortKey] : [])].map((key) => key.attribute));
    this.#open = options.asLines ? LINE_OPEN : ITEM_OPEN;
    this.#close = options.asLines ? LINE_CLOSE : ITEM_CLOSE;
    this.#partitionKey = keyAttribute(plan, plan.partitionKey, '', MAX_PARTITION_KEY_BYTES);
    this.#sortKey = plan.sortKey && keyAttribute(plan, plan.sortKey, ',', MAX_SORT_KEY_BYTES);
    this.#ttlOpening = plan.ttlAttribute === undefined ? undefined : new Constant(`,${JSON.stringify(plan.ttlAttribute)}:{"N":"`);
    this.#ttlNameBytes = Buffer.byteLength(plan.ttlAttribute ?? '');
    this.#ttlIndexed = plan.ttlAttribute === undefined ? undefined : plan.indexed.get(plan.ttlAttribute);
    this.#copiesStatics = plan.statics === 'copy';
  }

  /** Details that N attributes lost so far: signs of zero, scales of decimals. */
  get lost(): { negativeZeros: number; decimalScales: number } {
    const lost = { negativeZeros: 0, decimalScales: 0 };
    for (const writer of [this.#writer, this.#columnFragment.writer, this.#staticFragment.writer]) {
      lost.negativeZeros += writer.negativeZeros;
      lost.decimalScales += writer.decimalScales;
    }
    return lost;
  }

  /** Takes over what the items of a partition share. To be called before its first item. */
  startPartition(partition: Partition): void {
    if (this.partition.length < partition.keyLength) this.partition = new Uint8Array(partition.keyLength * 2);
    this.partition.set(partition.key.subarray(0, partition.keyLength));
    this.partitionLength = partition.keyLength;
    const key = this.partition;
    const { starts, ends } = this.#slices;
    splitPartitionKey(key, this.partitionLength, this.plan.partitionKey.components.length, this.#slices);
    this.#key(this.#keyFragment.begin(), this.#partitionKey, key, starts, ends, starts.length);
    const columns = this.#columnFragment.begin();
    this.plan.partitionColumns.forEach((column, i) => {
      if (column && i < starts.length) columns.attribute(column, key, starts[i], ends[i]);
    });
    const statics = this.#staticFragment.begin();
    this.#staticExpiry = 0;
    this.#staticIsMixed = false;
    if (!partition.hasStaticRow) return;
    statics.row(this.plan.staticColumns, partition.staticRow);
    this.#staticExpiry = this.#expiryOf(partition.staticRow);
    this.#staticIsMixed = this.#isMixed;
  }

  /** Appends the item of a row. False: it was rejected, and `out` is as it was. */
  encodeRow(row: Row): boolean {
    const writer = this.#begin();
    if (writer.rejection !== undefined) return this.#finish(0);
    if (this.#sortKey) this.#key(writer, this.#sortKey, row.bytes, row.clusteringStart, row.clusteringEnd, row.clusteringCount);
    this.keyEnd = writer.pos - this.itemStart;
    if (writer.rejection !== undefined) return this.#finish(0);
    this.#append(this.#columnFragment);
    const { clusteringColumns } = this.plan;
    for (let i = 0; i < clusteringColumns.length && i < row.clusteringCount; i++) {
      const column = clusteringColumns[i];
      if (column !== undefined && row.clusteringStart[i] >= 0) writer.attribute(column, row.bytes, row.clusteringStart[i], row.clusteringEnd[i]);
    }
    if (this.#copiesStatics) this.#append(this.#staticFragment);
    writer.row(this.plan.regularColumns, row);
    const expiry = this.#expiryOf(row);
    return this.#finish(expiry);
  }

  /** Appends the static item of the partition. False: it was rejected. */
  encodeStaticItem(): boolean {
    const writer = this.#begin();
    if (writer.rejection !== undefined) return this.#finish(0);
    const sortKey = this.#sortKey!;
    writer.constant(sortKey.opening);
    writer.text(STATIC_KEY, 0, STATIC_KEY.length, true);
    writer.constant(SCALAR_CLOSE);
    writer.size += sortKey.nameBytes;
    if (sortKey.indexed !== undefined) writer.indexed(sortKey.indexed, STATIC_KEY.length + sortKey.nameBytes, STATIC_KEY.length);
    this.keyEnd = writer.pos - this.itemStart;
    this.#append(this.#columnFragment);
    this.#append(this.#staticFragment);
    this.#isMixed = this.#staticIsMixed;
    const isWritten = this.#finish(this.#staticExpiry);
    if (isWritten) this.counts.staticItems++;
    return isWritten;
  }

  /** The line for the last row if it was rejected; without a row: for the static item. */
  rejectedLine(row: Row | undefined): string {
    const { starts, ends } = this.#slices;
    const clustering: KeyValue[] = [];
    for (let i = 0; row !== undefined && i < row.clusteringCount; i++) {
      clustering.push(row.clusteringStart[i] < 0 ? undefined : row.bytes.slice(row.clusteringStart[i], row.clusteringEnd[i]));
    }
    return rejectedRowLine(this.plan.table, this.rejection!, starts.map((start, i) => this.partition.slice(start, ends[i])), clustering);
  }

  #begin(): AttributeWriter {
    const writer = this.#writer;
    writer.begin();
    this.itemStart = writer.pos;
    writer.constant(this.#open);
    this.#append(this.#keyFragment);
    this.partitionKeyEnd = writer.pos - this.itemStart;
    return writer;
  }

  #finish(expiry: number): boolean {
    const writer = this.#writer;
    if (expiry > 0 && this.#ttlOpening) {
      writer.constant(this.#ttlOpening);
      writer.room(TTL_ROOM);
      const end = writeSafeInteger(writer.bytes, writer.pos, expiry);
      const valueBytes = integerSize(writer.bytes, writer.pos, end);
      writer.size += this.#ttlNameBytes + valueBytes;
      if (this.#ttlIndexed !== undefined) writer.indexed(this.#ttlIndexed, this.#ttlNameBytes + valueBytes, valueBytes);
      writer.pos = end;
      writer.constant(SCALAR_CLOSE);
    }
    writer.constant(this.#close);
    if (writer.size > MAX_ITEM_BYTES) writer.reject('ITEM_TOO_LARGE', `${writer.size} bytes`);
    this.itemSize = writer.size;
    this.rejection = writer.rejection;
    if (writer.rejection !== undefined) {
      this.counts.rejected++;
      return false;
    }
    this.counts.items++;
    this.indexUnits = this.#indexUnits === undefined ? 0 : this.#indexUnits.of(writer.sizes, writer.size);
    if (this.#isMixed) this.counts.mixedExpiry++;
    writer.commit();
    return true;
  }

  /** Copies what was encoded with the partition. */
  #append(fragment: Fragment): void {
    const writer = this.#writer;
    fragment.writer.room(WORD_BYTES);
    writer.copy(fragment.out.view, fragment.writer.pos);
    writer.size += fragment.writer.size;
    writer.rejection ??= fragment.writer.rejection;
    for (let i = 0; i < writer.sizes.length; i++) writer.sizes[i] += fragment.writer.sizes[i];
  }

  /** A key attribute, native or encoded. */
  #key(writer: AttributeWriter, key: KeyAttribute, from: Uint8Array, starts: ArrayLike<number>, ends: ArrayLike<number>, count: number): void {
    writer.constant(key.opening);
    const before = writer.size;
    if (key.value) writer.nativeKey(key.plan, key.value, from, count > 0 ? starts[0] : -1, count > 0 ? ends[0] : -1);
    else {
      const { components } = key.plan;
      const keyWriter = this.#keyWriter;
      keyWriter.begin(key.plan);
      for (let i = 0; i < components.length; i++) keyWriter.component(components[i], from, i < count ? starts[i] : -1, i < count ? ends[i] : -1);
      if (keyWriter.invalid !== undefined) writer.reject('VALUE_INVALID', `a key component with ${keyWriter.invalid}`);
      else if (keyWriter.isTooLong) writer.reject('KEY_TOO_LONG', `more than ${key.maxBytes} bytes in "${key.plan.attribute}"`);
      else if (key.isPlain) {
        writer.copy(keyWriter.view, keyWriter.length);
        writer.size += keyWriter.length;
      } else writer.text(keyWriter.bytes, 0, keyWriter.length, false);
    }
    if (writer.size - before > key.maxBytes) writer.reject('KEY_TOO_LONG', `${writer.size - before} bytes in "${key.plan.attribute}"`);
    if (key.indexed !== undefined && writer.rejection === undefined) writer.indexed(key.indexed, writer.size - before + key.nameBytes, writer.size - before);
    // With several columns it is none of them alone.
    if (writer.rejection !== undefined && key.plan.components.length === 1) writer.blame(key.plan.components[0].column);
    writer.size += key.nameBytes;
    writer.constant(SCALAR_CLOSE);
  }

  /** The latest expiry when everything alive in the row expires, otherwise 0; whether it does so at different times is `#isMixed`. */
  #expiryOf(row: Row): number {
    let latest = 0, earliest = Infinity, isPermanent = false;
    if (row.hasLiveness()) {
      if (row.livenessTtl === 0) isPermanent = true;
      else latest = earliest = row.livenessExpiry;
    }
    const { cellCount, cellFlags, cellLocalDeletionTime } = row;
    if ((row.cellFlagsUnion & CELL_EXPIRING) === 0) {
      this.#isMixed = latest !== 0 && cellCount > 0;
      return isPermanent || cellCount > 0 ? 0 : latest;
    }
    for (let i = 0; i < cellCount; i++) {
      if ((cellFlags[i] & CELL_EXPIRING) === 0) isPermanent = true;
      else {
        const expiry = cellLocalDeletionTime[i];
        if (expiry > latest) latest = expiry;
        if (expiry < earliest) earliest = expiry;
      }
    }
    this.#isMixed = latest !== 0 && (isPermanent || earliest !== latest);
    return isPermanent ? 0 : latest;
  }
}

function keyAttribute(table: TablePlan, plan: KeyPlan, before: string, maxBytes: number): KeyAttribute {
  return {
    plan, maxBytes, indexed: table.indexed.get(plan.attribute),
    opening: new Constant(`${before}${jsonLabel(plan.attribute)}{"${plan.type}":"`),
    nameBytes: Buffer.byteLength(plan.attribute),
    value: plan.isNative ? nativeKeyValue(plan) : undefined,
    isPlain: plan.components.every((component) => isPlainForm(component.form)),
  };
}
