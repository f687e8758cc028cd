// Before 3.0 the cells of a row lay in the order of their names alone; rows have simple columns before multi-cell ones.

import { Row } from '../../model/row.ts';

/** Sorts cells by their columns' ordinals; cells of one column stay as they are. Reused. */
export class StorageOrder {
  readonly #places: Int32Array;
  readonly #scratch = new Row();

  constructor(columnCount: number) {
    this.#places = new Int32Array(columnCount + 1);
  }

  sort(row: Row): void {
    const places = this.#places.fill(0);
    const scratch = this.#scratch;
    const count = row.cellCount;
    scratch.cellCount = 0;
    while (scratch.cellColumn.length < count) scratch.cellCount = scratch.addCell() + 1;
    scratch.cellCount = count;
    for (let i = 0; i < count; i++) places[row.cellColumn[i] + 1]++;
    for (let column = 1; column < places.length; column++) places[column] += places[column - 1];
    for (let i = 0; i < count; i++) scratch.setCell(places[row.cellColumn[i]]++, row, i);
    row.exchangeCells(scratch);
  }
}
