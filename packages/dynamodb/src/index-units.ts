// What an item costs in its table's indexes: each index that has it is written with it, by the size of what that index has of it.

import { writeUnits } from './item-size.ts';
import type { IndexedAttribute, IndexPlan } from './index-plan.ts';

/** Sizes of attributes by their slots. */
interface IndexSlots {
  /** An item without one of these is not in the index. */
  readonly keys: readonly number[];
  /** What the index has of the item; undefined: all. */
  readonly projected: readonly number[] | undefined;
}

export class IndexUnits {
  readonly #indexes: readonly IndexSlots[];

  constructor(indexes: readonly IndexPlan[], indexed: ReadonlyMap<string, IndexedAttribute>, tableKeys: readonly string[]) {
    const slots = (names: readonly string[]): number[] => [...new Set(names)].map((name) => indexed.get(name)!.slot);
    this.#indexes = indexes.map(({ partitionKey, sortKey, projection }) => {
      const keys = [partitionKey.attribute, ...(sortKey === undefined ? [] : [sortKey.attribute])];
      const included = typeof projection === 'string' ? [] : projection;
      return { keys: slots(keys), projected: projection === 'all' ? undefined : slots([...keys, ...tableKeys, ...included]) };
    });
  }

  /** Write units in all indexes of one item; `sizes` are those of its attributes with their names, 0 where it has none. */
  of(sizes: Float64Array, itemSize: number): number {
    let units = 0;
    for (const { keys, projected } of this.#indexes) {
      if (keys.some((slot) => sizes[slot] === 0)) continue;
      units += writeUnits(projected === undefined ? itemSize : projected.reduce((sum, slot) => sum + sizes[slot], 0));
    }
    return units;
  }
}
