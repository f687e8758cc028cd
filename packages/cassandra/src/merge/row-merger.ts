// Rows of one clustering from several SSTables become one row of live cells.
// Source of the rules: Row.Merger, BTreeRow.purge of Cassandra 3.0 to 5.0.

import { DeletionTime, NO_DELETION_TIME, NO_TIMESTAMP_HI, NO_TIMESTAMP_LO, Row, compareTimestamps } from '../model/row.ts';
import type { ColumnMetadata } from '../model/table-metadata.ts';
import { cellPathComparatorOf } from '../types/compare.ts';
import { isMultiCell } from '../types/cql-type.ts';
import { mergeCounterContexts } from './counter-context.ts';
import { cellWins, cellWinsTimeless, isCellLive, isLivenessLive, livenessSupersedes, resolveCounter } from './reconcile.ts';
import type { CellRule } from './reconcile.ts';

type PathComparator = ReturnType<typeof cellPathComparatorOf>;

export interface RowMergerOptions {
  /** See TableMetadata.enforcesStrictLiveness. */
  readonly needsLiveness?: boolean;
  /** See SSTableVersion.hasTimelessTies. */
  readonly hasTimelessTies?: boolean;
  /** See SSTableVersion.deletesCountersForGood. */
  readonly deletesCountersForGood?: boolean;
}

/** Merges the static or the regular rows of one table, at one `now`. */
export class RowMerger {
  readonly #nowSeconds: number;
  readonly #needsLiveness: boolean;
  readonly #wins: CellRule;
  readonly #paths: readonly (PathComparator | undefined)[];
  readonly #isCounter: readonly boolean[];
  readonly #deletesCountersForGood: boolean;
  readonly #merged = new Row();
  readonly #deletion = new DeletionTime();
  readonly #complexDeletion = new DeletionTime();
  /** Next cell of each row that is being merged. */
  readonly #next: number[] = [];
  /** The row whose liveness won: of clusterings that are equal in other bytes (a decimal 1.0 and 1.00) its is the row's. */
  #newest = 0;
  /** The merged row's bytes: winning values and paths are copied here, since they come from several windows. */
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(4096);
  #used = 0;

  constructor(columns: readonly ColumnMetadata[], nowSeconds: number, { needsLiveness = false, hasTimelessTies = false, deletesCountersForGood = false }: RowMergerOptions = {}) {
    this.#needsLiveness = needsLiveness;
    this.#wins = hasTimelessTies ? cellWinsTimeless : cellWins;
    this.#nowSeconds = nowSeconds;
    this.#paths = columns.map(({ type }) => (isMultiCell(type) ? cellPathComparatorOf(type) : undefined));
    this.#isCounter = columns.map(({ type }) => type.kind === 'counter');
    this.#deletesCountersForGood = deletesCountersForGood;
  }

  /**
   * Leaves in a single row only what is live under `active`, the deletion of its partition or of a range. In place.
   * Returns false when nothing is left.
   */
  keepLive(row: Row, active: DeletionTime): boolean {
    if (row.cellFlagsUnion === 0 && row.complexCount === 0 && active.isLive() && row.deletion.isLive()) {
      if (row.livenessTtl !== 0 && !isLivenessLive(row, this.#nowSeconds)) clearLiveness(row);
      return this.#isLive(row);
    }
    const deletion = this.#effectiveDeletion(row, active);
    if (deletion.deletes(row.livenessHi, row.livenessLo) || !isLivenessLive(row, this.#nowSeconds)) clearLiveness(row);
    let kept = 0;
    for (let i = 0; i < row.cellCount; i++) {
      if (!isCellLive(row, i, this.#nowSeconds)) continue;
      const over = row.complexCount > 0 && row.pathStart[i] >= 0 ? this.#deletionOfColumn(deletion, row.cellColumn[i], [row], 1) : deletion;
      if (this.#deletes(over, row, i)) continue;
      if (kept !== i) row.setCell(kept, row, i);
      kept++;
    }
    row.cellCount = kept;
    row.complexCount = 0;
    row.deletion.reset();
    return this.#isLive(row);
  }

  /** Merges `count` rows of the same clustering. The result is valid until the next merge; undefined when nothing is live. */
  merge(rows: readonly Row[], count: number, active: DeletionTime): Row | undefined {
    const merged = this.#merged;
    merged.reset(this.#bytes, rows[0].isStatic);
    this.#used = 0;
    const newest = this.#mergeLiveness(rows, count, active);
    for (let r = 0; r < count; r++) this.#next[r] = 0;
    for (;;) {
      const column = this.#lowestColumn(rows, count);
      if (column < 0) break;
      const path = this.#paths[column];
      if (path) this.#mergeComplex(rows, count, column, path, this.#deletionOfColumn(newest, column, rows, count));
      else this.#mergeSimple(rows, count, column, newest);
    }
    this.#copyClustering(rows[this.#newest]);
    merged.bytes = this.#bytes;
    return this.#isLive(merged) ? merged : undefined;
  }

  /** Of a row that has only live content left. */
  #isLive(row: Row): boolean {
    return row.hasLiveness() || (row.cellCount > 0 && !this.#needsLiveness);
  }

  #deletes(deletion: DeletionTime, row: Row, i: number): boolean {
    return deletion.deletes(row.cellHi[i], row.cellLo[i]) || (this.#deletesCountersForGood && this.#isCounter[row.cellColumn[i]] && !deletion.isLive());
  }

  /** The deletion that counts for a row: the later of its own and the active one; a shadowable one is void below a newer liveness. */
  #effectiveDeletion(row: Row, active: DeletionTime): DeletionTime {
    const shadowed = row.deletionIsShadowable && compareTimestamps(row.livenessHi, row.livenessLo, row.deletion.hi, row.deletion.lo) > 0;
    this.#deletion.copy(active);
    if (!shadowed && row.deletion.supersedes(active)) this.#deletion.copy(row.deletion);
    return this.#deletion;
  }

  #mergeLiveness(rows: readonly Row[], count: number, active: DeletionTime): DeletionTime {
    const merged = this.#merged;
    this.#newest = 0;
    for (let r = 0; r < count; r++) {
      const row = rows[r];
      if (row.hasLiveness() && livenessSupersedes(row, merged)) {
        this.#newest = r;
        merged.livenessHi = row.livenessHi;
        merged.livenessLo = row.livenessLo;
        merged.livenessTtl = row.livenessTtl;
        merged.livenessExpiry = row.livenessExpiry;
      }
      if (row.deletion.supersedes(merged.deletion)) {
        merged.deletion.copy(row.deletion);
        merged.deletionIsShadowable = row.deletionIsShadowable;
      }
    }
    const deletion = this.#effectiveDeletion(merged, active);
    merged.deletion.reset();
    if (deletion.deletes(merged.livenessHi, merged.livenessLo) || !isLivenessLive(merged, this.#nowSeconds)) clearLiveness(merged);
    return deletion;
  }

  /** The later of `deletion` and the rows' deletions of one multi-cell column. */
  #deletionOfColumn(deletion: DeletionTime, column: number, rows: readonly Row[], count: number): DeletionTime {
    const result = this.#complexDeletion;
    result.copy(deletion);
    for (let r = 0; r < count; r++) {
      const row = rows[r];
      for (let i = 0; i < row.complexCount; i++) {
        if (row.complexColumn[i] !== column) continue;
        const byTimestamp = compareTimestamps(row.complexHi[i], row.complexLo[i], result.hi, result.lo);
        if (byTimestamp > 0 || (byTimestamp === 0 && row.complexLocalDeletionTime[i] > result.localDeletionTime)) {
          result.set(row.complexHi[i], row.complexLo[i], row.complexLocalDeletionTime[i]);
        }
      }
    }
    return result;
  }

  #lowestColumn(rows: readonly Row[], count: number): number {
    let lowest = -1;
    for (let r = 0; r < count; r++) {
      if (this.#next[r] >= rows[r].cellCount) continue;
      const column = rows[r].cellColumn[this.#next[r]];
      if (lowest < 0 || column < lowest) lowest = column;
    }
    return lowest;
  }

  #mergeSimple(rows: readonly Row[], count: number, column: number, deletion: DeletionTime): void {
    let winner: Row | undefined;
    let winning = 0;
    for (let r = 0; r < count; r++) {
      const row = rows[r];
      const i = this.#next[r];
      if (i >= row.cellCount || row.cellColumn[i] !== column) continue;
      this.#next[r]++;
      if (this.#deletes(deletion, row, i)) continue;
      if (!winner) {
        winner = row;
        winning = i;
      } else if (this.#isCounter[column]) {
        const resolution = resolveCounter(winner, winning, row, i, this.#nowSeconds);
        if (resolution === 'merge') {
          winner = mergedCounter(winner, winning, row, i);
          winning = 0;
        } else if (resolution === 'right') {
          winner = row;
          winning = i;
        }
      } else if (!this.#wins(winner, winning, row, i, this.#nowSeconds)) {
        winner = row;
        winning = i;
      }
    }
    if (winner && isCellLive(winner, winning, this.#nowSeconds)) this.#append(winner, winning);
  }

  /** All cells of one multi-cell column: merged by path. */
  #mergeComplex(rows: readonly Row[], count: number, column: number, compare: PathComparator, deletion: DeletionTime): void {
    for (;;) {
      let winner: Row | undefined;
      let winning = 0;
      let lowest = -1;
      for (let r = 0; r < count; r++) {
        if (!this.#hasCell(rows[r], r, column)) continue;
        if (lowest < 0 || comparePaths(compare, rows[r], this.#next[r], rows[lowest], this.#next[lowest]) < 0) lowest = r;
      }
      if (lowest < 0) return;
      const at = this.#next[lowest];
      for (let r = 0; r < count; r++) {
        if (!this.#hasCell(rows[r], r, column)) continue;
        const row = rows[r];
        const i = this.#next[r];
        if (r !== lowest && comparePaths(compare, row, i, rows[lowest], at) !== 0) continue;
        this.#next[r]++;
        if (deletion.deletes(row.cellHi[i], row.cellLo[i])) continue;
        if (!winner || !this.#wins(winner, winning, row, i, this.#nowSeconds)) {
          winner = row;
          winning = i;
        }
      }
      if (winner && isCellLive(winner, winning, this.#nowSeconds)) this.#append(winner, winning);
    }
  }

  #hasCell(row: Row, r: number, column: number): boolean {
    return this.#next[r] < row.cellCount && row.cellColumn[this.#next[r]] === column;
  }

  #append(from: Row, i: number): void {
    const merged = this.#merged;
    const k = merged.cellCount;
    merged.appendCell(from, i);
    if (from.pathStart[i] >= 0) {
      merged.pathStart[k] = this.#copy(from.bytes, from.pathStart[i], from.pathEnd[i]);
      merged.pathEnd[k] = this.#used;
    }
    merged.valueStart[k] = this.#copy(from.bytes, from.valueStart[i], from.valueEnd[i]);
    merged.valueEnd[k] = this.#used;
  }

  #copyClustering(from: Row): void {
    const merged = this.#merged;
    merged.clusteringCount = from.clusteringCount;
    merged.ensureClustering(from.clusteringCount);
    for (let i = 0; i < from.clusteringCount; i++) {
      const isNull = from.clusteringStart[i] < 0;
      merged.clusteringStart[i] = isNull ? -1 : this.#copy(from.bytes, from.clusteringStart[i], from.clusteringEnd[i]);
      merged.clusteringEnd[i] = isNull ? -1 : this.#used;
    }
  }

  #copy(bytes: Uint8Array, start: number, end: number): number {
    const at = this.#used;
    this.#used = at + end - start;
    if (this.#used > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#used, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    // Short values are copied faster by hand than through a view.
    if (end - start < 32) for (let i = start, to = at; i < end; i++, to++) this.#bytes[to] = bytes[i];
    else this.#bytes.set(bytes.subarray(start, end), at);
    return at;
  }
}

function comparePaths(compare: PathComparator, a: Row, i: number, b: Row, j: number): number {
  return compare(a.bytes, a.pathStart[i], a.pathEnd[i], b.bytes, b.pathStart[j], b.pathEnd[j]);
}

/** A row of one cell: the merged context under the later timestamp. */
function mergedCounter(a: Row, i: number, b: Row, j: number): Row {
  const context = mergeCounterContexts(a.bytes.subarray(a.valueStart[i], a.valueEnd[i]), b.bytes.subarray(b.valueStart[j], b.valueEnd[j]));
  const aIsLater = compareTimestamps(a.cellHi[i], a.cellLo[i], b.cellHi[j], b.cellLo[j]) >= 0;
  const row = new Row();
  row.reset(context, a.isStatic);
  const k = row.addCell();
  row.cellColumn[k] = a.cellColumn[i];
  row.cellHi[k] = aIsLater ? a.cellHi[i] : b.cellHi[j];
  row.cellLo[k] = aIsLater ? a.cellLo[i] : b.cellLo[j];
  row.cellLocalDeletionTime[k] = NO_DELETION_TIME;
  row.pathStart[k] = -1;
  row.pathEnd[k] = -1;
  row.valueStart[k] = 0;
  row.valueEnd[k] = context.length;
  return row;
}

function clearLiveness(row: Row): void {
  row.livenessHi = NO_TIMESTAMP_HI;
  row.livenessLo = NO_TIMESTAMP_LO;
  row.livenessTtl = 0;
  row.livenessExpiry = NO_DELETION_TIME;
}
