// Attributes of an item: a column's label and value, the cells of a row, a native key.

import type { ColumnMetadata, Row } from '@aeneas/cassandra';
import { Constant } from './constant.ts';
import type { IndexedAttribute } from './index-plan.ts';
import type { OutputBuffer } from './output-buffer.ts';
import type { AttributePlan } from './table-plan.ts';
import type { KeyPlan } from './key-plan.ts';
import { valuePlanOf } from './value-plan.ts';
import type { ValuePlan } from './value-plan.ts';
import { ValueWriter, isAllZero } from './value-writer.ts';

const ESCAPED_ZERO = new Constant('\\u0000');

export class AttributeWriter extends ValueWriter {
  /** Bytes, with their names, of the attributes that indexes know, by slot; 0: the item has none. */
  readonly sizes: Float64Array;

  /** `slots`: how many attributes indexes know. */
  constructor(out: OutputBuffer, slots: number) {
    super(out);
    this.sizes = new Float64Array(slots);
  }

  override begin(): void {
    super.begin();
    if (this.sizes.length > 0) this.sizes.fill(0);
  }

  /** `,"name":{...}`. A rejection within it gets the column's name. */
  attribute(plan: AttributePlan, from: Uint8Array, start: number, end: number): void {
    const before = this.size;
    this.size += plan.nameBytes;
    if (start === end && plan.value.emptyIsNull) {
      this.constant(plan.label);
      this.null();
    } else {
      this.constant(plan.opening);
      if (plan.value.isScalar) this.scalar(plan.value, from, start, end);
      else this.content(plan.value, from, start, end);
      this.constant(plan.value.close);
    }
    if (plan.indexed !== undefined) this.indexed(plan.indexed, this.size - before, start === end ? 0 : this.size - before - plan.nameBytes);
    if (this.rejection !== undefined) this.blame(plan.column);
  }

  /** All cells of a row, as the attributes of their columns. Columns without a plan are left out. */
  row(columns: readonly (AttributePlan | undefined)[], row: Row): void {
    const { cellCount, cellColumn, valueStart, valueEnd, pathStart, bytes } = row;
    for (let i = 0; i < cellCount;) {
      const ordinal = cellColumn[i];
      const plan = columns[ordinal];
      let next = i + 1;
      if (pathStart[i] >= 0) while (next < cellCount && cellColumn[next] === ordinal) next++;
      if (plan !== undefined) {
        if (pathStart[i] < 0) this.attribute(plan, bytes, valueStart[i], valueEnd[i]);
        else this.#multiCell(plan, row, i, next);
        if (this.rejection !== undefined) return;
      }
      i = next;
    }
  }

  #multiCell(plan: AttributePlan, row: Row, first: number, end: number): void {
    const before = this.size;
    this.size += plan.nameBytes;
    this.constant(plan.opening);
    this.cells(plan.value, row, first, end);
    this.constant(plan.value.close);
    if (plan.indexed !== undefined) this.indexed(plan.indexed, this.size - before, this.size - before - plan.nameBytes);
    if (this.rejection !== undefined) this.blame(plan.column);
  }

  /** Notes the size of an attribute; DynamoDB refuses an item whose value an index cannot have as its key. */
  indexed({ slot, maxKeyBytes }: IndexedAttribute, sizeBytes: number, valueBytes: number): void {
    this.sizes[slot] = sizeBytes;
    if (maxKeyBytes === undefined) return;
    if (valueBytes === 0) this.reject('INDEX_KEY_EMPTY', 'an empty value in the key of an index');
    else if (valueBytes > maxKeyBytes) this.reject('INDEX_KEY_TOO_LONG', `${valueBytes} bytes in the key of an index that takes ${maxKeyBytes}`);
  }

  /** Names the column at fault, unless it has been. */
  blame(column: ColumnMetadata): void {
    if (this.rejection!.column === undefined) this.rejection = { ...this.rejection!, column: column.name };
  }

  /** The content of a native key attribute, with the escape that keeps it from being empty. */
  nativeKey(plan: KeyPlan, value: ValuePlan, from: Uint8Array, start: number, end: number): void {
    if (start < 0 || (start === end && plan.type === 'N')) this.reject('KEY_EMPTY', start < 0 ? 'null' : 'an empty value');
    else if (!isAllZero(from, start, end) || plan.type === 'N') this.scalar(value, from, start, end);
    else if (plan.type === 'B') this.blob(new Uint8Array(end - start + 1), 0, end - start + 1);
    else {
      this.scalar(value, from, start, end);
      this.constant(ESCAPED_ZERO);
      this.size += 1;
    }
  }
}

/** How a native key's value is written. */
export function nativeKeyValue(plan: KeyPlan): ValuePlan {
  return valuePlanOf(plan.components[0].column.type, { numbersAsText: 'none' });
}
