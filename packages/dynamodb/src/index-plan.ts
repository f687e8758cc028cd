// Global secondary indexes of a target table (docs/MAPPING.md, "Indexes"): by rule, or from Cassandra's secondary indexes and materialized views.

import { closestName, CodedError, qualifiedName } from '@aeneas/cassandra';
import type { ColumnMetadata, IndexMetadata, TableMetadata, ViewMetadata } from '@aeneas/cassandra';
import { dynamodbError } from './errors.ts';
import { MAX_PARTITION_KEY_BYTES, MAX_SORT_KEY_BYTES } from './item-size.ts';
import type { KeyAttributeType, KeyPlan } from './key-plan.ts';
import type { IndexRule } from './mapping.ts';
import { checkKeyName } from './table-name.ts';
import { matches } from './table-rules.ts';

/** Limits of DynamoDB: of a table, of one index, and over all indexes of a table. */
const MAX_INDEXES = 20;
const MAX_INCLUDED = 20;
const MAX_INCLUDED_TOGETHER = 100;
const MIN_NAME_CHARACTERS = 3;

/** A key attribute of an index. */
export interface IndexKey {
  readonly attribute: string;
  readonly type: KeyAttributeType;
  /** The columns that it is made of; none for the TTL attribute. */
  readonly columns: readonly string[];
}

export interface IndexPlan {
  readonly name: string;
  readonly partitionKey: IndexKey;
  readonly sortKey: IndexKey | undefined;
  /** Or the attributes that it has beside its keys and the table's. */
  readonly projection: 'all' | 'keys-only' | readonly string[];
  readonly capacity: IndexRule['capacity'];
  /** The secondary index or materialized view of Cassandra that it takes the place of. */
  readonly from: string | undefined;
}

/** What of a table's plan its indexes are made from. */
export interface IndexableTable {
  readonly table: TableMetadata;
  readonly partitionKey: KeyPlan;
  readonly sortKey: KeyPlan | undefined;
  readonly ttlAttribute: string | undefined;
  readonly statics: 'item' | 'copy';
  /** Of columns that are no native key attribute, and not excluded. */
  readonly attributes: readonly { readonly column: ColumnMetadata; readonly attribute: string; readonly value: { readonly attributeType: string } }[];
}

/** What an attribute of the items is. */
interface Candidate {
  readonly attribute: string;
  readonly type: string;
  readonly columns: readonly string[];
}

/** The indexes, and what a user should know of them. Throws MAPPING_INVALID, MAPPING_COLLISION, MAPPING_NAME_INVALID. */
export function planIndexes(table: IndexableTable, rules: readonly IndexRule[]): { indexes: readonly IndexPlan[]; warnings: readonly string[] } {
  const planner = new IndexPlanner(table);
  for (const rule of rules) planner.add(rule);
  planner.checkLimits();
  return planner;
}

class IndexPlanner {
  readonly indexes: IndexPlan[] = [];
  readonly warnings: string[] = [];
  readonly #table: IndexableTable;
  readonly #byColumn = new Map<string, Candidate>();
  readonly #byAttribute = new Map<string, Candidate>();

  constructor(table: IndexableTable) {
    this.#table = table;
    const { partitionKey, sortKey, ttlAttribute, attributes } = table;
    for (const { column, attribute, value } of attributes) this.#know({ attribute, type: value.attributeType, columns: [column.name] }, true);
    for (const key of [partitionKey, ...(sortKey === undefined ? [] : [sortKey])]) {
      this.#know({ attribute: key.attribute, type: key.type, columns: key.components.map(({ column }) => column.name) }, key.isNative);
    }
    if (ttlAttribute !== undefined) this.#know({ attribute: ttlAttribute, type: 'N', columns: [] }, false);
  }

  #know(candidate: Candidate, isColumn: boolean): void {
    this.#byAttribute.set(candidate.attribute, candidate);
    if (isColumn) this.#byColumn.set(candidate.columns[0], candidate);
  }

  add(rule: IndexRule): void {
    if (rule.from === undefined) return this.#plan(rule.name!, { ...rule, partitionKey: rule.partitionKey! }, undefined);
    const { indexes = [], views = [] } = this.#table.table;
    const isPattern = /[*?]/.test(rule.from);
    const found = [...indexes, ...views].filter(({ name }) => (isPattern ? matches(rule.from!, name) : name === rule.from));
    if (found.length === 0 && !isPattern) throw this.#unknownSource(rule.from, [...indexes, ...views].map(({ name }) => name));
    for (const one of found) {
      const known = this.warnings.length;
      try {
        if ('clustering' in one) this.#fromView(one, rule);
        else this.#fromIndex(one, rule);
      } catch (error) {
        // What a pattern takes along may be what DynamoDB has no index for.
        if (!isPattern || !(error instanceof CodedError)) throw error;
        this.warnings.splice(known, Infinity, `Not made: ${error.message}`);
      }
    }
  }

  checkLimits(): void {
    const { table } = this.#table;
    if (this.indexes.length > MAX_INDEXES) throw invalid(`${qualifiedName(table)} would have ${this.indexes.length} indexes, DynamoDB takes ${MAX_INDEXES}: name those that are needed`);
    const included = this.indexes.reduce((sum, { projection }) => sum + (typeof projection === 'string' ? 0 : projection.length), 0);
    if (included > MAX_INCLUDED_TOGETHER) {
      throw invalid(`The indexes of ${qualifiedName(table)} would include ${included} attributes together, DynamoDB takes ${MAX_INCLUDED_TOGETHER}: use projection: all for some`);
    }
  }

  #plan(name: string, { partitionKey, sortKey, projection = 'all', capacity }: IndexRule & { readonly partitionKey: string }, from: string | undefined): void {
    const { table } = this.#table;
    if (this.indexes.some((index) => index.name === name)) throw dynamodbError('MAPPING_COLLISION', `${qualifiedName(table)} would have two indexes "${name}"`);
    const keys = { partitionKey: this.#key(name, partitionKey), sortKey: sortKey === undefined ? undefined : this.#key(name, sortKey) };
    if (keys.partitionKey.attribute === keys.sortKey?.attribute) throw invalid(`${this.#named(name)} has "${keys.sortKey.attribute}" as both keys: leave out its sortKey`);
    this.indexes.push({ name, ...keys, projection: this.#projection(name, projection, keys), capacity, from });
    this.#warnOfStatics(name, keys);
  }

  #key(index: string, name: string): IndexKey {
    const { attribute, type, columns } = this.#find(index, name);
    if (type !== 'S' && type !== 'N' && type !== 'B') {
      throw invalid(`${this.#named(index)} cannot have ${name} as a key: its attribute is of type ${type}, keys are S, N or B. Choose another column`);
    }
    checkKeyName(attribute, this.#table.table);
    return { attribute, type, columns };
  }

  #find(index: string, name: string): Candidate {
    const found = this.#byColumn.get(name) ?? this.#byAttribute.get(name);
    if (found !== undefined) return found;
    const names = [...new Set([...this.#byColumn.keys(), ...this.#byAttribute.keys()])];
    const guess = closestName(name, names);
    throw invalid(`${this.#named(index)} names "${name}", which no item has (${guess === undefined ? `they have ${names.join(', ')}` : `did you mean "${guess}"?`})`);
  }

  #projection(index: string, projection: NonNullable<IndexRule['projection']>, keys: Pick<IndexPlan, 'partitionKey' | 'sortKey'>): IndexPlan['projection'] {
    if (typeof projection === 'string') return projection;
    const { partitionKey, sortKey } = this.#table;
    const isKey = (attribute: string): boolean => [partitionKey, sortKey, keys.partitionKey, keys.sortKey].some((key) => key?.attribute === attribute);
    const included = [...new Set(projection.include.map((name) => this.#find(index, name).attribute))].filter((attribute) => !isKey(attribute));
    return included.length === 0 ? 'keys-only' : included;
  }

  #fromIndex(index: IndexMetadata, rule: IndexRule): void {
    if (index.columns.length !== 1 && rule.partitionKey === undefined) {
      throw invalid(`Index ${index.name} of ${qualifiedName(this.#table.table)} is on ${index.columns.length} columns: name one as partitionKey`);
    }
    const name = rule.name ?? nameOf(index);
    this.#plan(name, { ...rule, partitionKey: rule.partitionKey ?? index.columns[0] }, index.name);
    if (index.isCustom) this.warnings.push(`${this.#named(name)} finds equal values; what the class of ${index.name} does beyond that (ranges, words, LIKE) it does not`);
  }

  #fromView(view: ViewMetadata, rule: IndexRule): void {
    const name = rule.name ?? nameOf(view);
    const sortKey = rule.sortKey ?? this.#sortKeyOf(view, name);
    const selected = view.columns === undefined ? undefined : [...view.partitionKey, ...view.clustering.map((column) => column.name), ...view.columns].filter((column) => this.#byColumn.has(column));
    if (rule.projection === undefined && selected !== undefined && selected.length > MAX_INCLUDED) this.warnings.push(`${this.#named(name)} has all attributes: DynamoDB includes up to ${MAX_INCLUDED} by name`);
    const projection = rule.projection ?? (selected === undefined || selected.length > MAX_INCLUDED ? 'all' : { include: selected });
    this.#plan(name, { ...rule, projection, partitionKey: rule.partitionKey ?? this.#partitionKeyOf(view), ...(sortKey === undefined ? {} : { sortKey }) }, view.name);
    if (view.filter !== undefined) this.warnings.push(`${this.#named(name)} has every item with its keys: apply the view's WHERE ${view.filter} as a FilterExpression`);
    if (view.clustering[0]?.reversed && sortKey !== undefined && sortKey === view.clustering[0].name) {
      this.warnings.push(`${this.#named(name)} is in ascending order of ${sortKey}: read with ScanIndexForward false for the view's DESC`);
    }
  }

  #partitionKeyOf({ name, partitionKey }: ViewMetadata): string {
    const { table } = this.#table;
    if (isSameList(partitionKey, table.partitionKey)) return this.#table.partitionKey.attribute;
    if (partitionKey.length === 1) return partitionKey[0];
    throw invalid(`View ${name} of ${qualifiedName(table)} has the partition key columns ${partitionKey.join(', ')}, and an index has one attribute: name it as partitionKey`);
  }

  /** An index has one: the table's own where that is made of the same columns, otherwise the first. */
  #sortKeyOf({ clustering }: ViewMetadata, index: string): string | undefined {
    const { table, sortKey } = this.#table;
    const names = clustering.map((column) => column.name);
    if (names.length > 0 && sortKey !== undefined && isSameList(names, table.clustering) && clustering.every(({ reversed }, i) => reversed === table.clustering[i].reversed)) return sortKey.attribute;
    const [first, ...others] = names;
    if (first === undefined) return undefined;
    const type = this.#find(index, first).type;
    if (!['S', 'N', 'B'].includes(type)) {
      this.warnings.push(`${this.#named(index)} has no sort key: the attribute of ${first} is of type ${type}, keys are S, N or B`);
      return undefined;
    }
    if (others.length > 0) this.warnings.push(`${this.#named(index)} is in the order of ${first} alone: items with an equal one are in no order of ${others.join(', ')}`);
    return first;
  }

  #warnOfStatics(name: string, { partitionKey, sortKey }: Pick<IndexPlan, 'partitionKey' | 'sortKey'>): void {
    if (this.#table.statics === 'copy') return;
    const { staticColumns } = this.#table.table;
    const isStatic = [partitionKey, ...(sortKey === undefined ? [] : [sortKey])].flatMap(({ columns }) => columns).filter((column) => staticColumns.some((one) => one.name === column));
    if (isStatic.length > 0) this.warnings.push(`${this.#named(name)} has static items and no rows: ${isStatic.join(', ')} is in those (statics: copy has it in rows)`);
  }

  #unknownSource(name: string, names: readonly string[]): CodedError {
    const guess = closestName(name, names);
    const known = names.length === 0 ? 'the schema has none' : guess === undefined ? `it has ${names.join(', ')}` : `did you mean "${guess}"?`;
    return invalid(`${qualifiedName(this.#table.table)} has no secondary index or materialized view "${name}" (${known})`);
  }

  #named(index: string): string {
    return `Index ${index} of ${qualifiedName(this.#table.table)}`;
  }
}

/** What an attribute is to the indexes of its table. */
export interface IndexedAttribute {
  /** Its number among the attributes whose sizes matter. */
  readonly slot: number;
  /** As many bytes an index takes in it; undefined where it is the key of none. */
  readonly maxKeyBytes: number | undefined;
}

/** The attributes that are keys of the table or of an index, or are included in one, by name. Empty without indexes. */
export function indexedAttributes(indexes: readonly IndexPlan[], tableKeys: readonly string[]): ReadonlyMap<string, IndexedAttribute> {
  const limits = new Map<string, number | undefined>(indexes.length === 0 ? [] : tableKeys.map((name) => [name, undefined]));
  const limit = (name: string, bytes: number): unknown => limits.set(name, Math.min(bytes, limits.get(name) ?? bytes));
  for (const { partitionKey, sortKey, projection } of indexes) {
    for (const name of typeof projection === 'string' ? [] : projection) if (!limits.has(name)) limits.set(name, undefined);
    limit(partitionKey.attribute, MAX_PARTITION_KEY_BYTES);
    if (sortKey !== undefined) limit(sortKey.attribute, MAX_SORT_KEY_BYTES);
  }
  return new Map([...limits].map(([name, maxKeyBytes], slot) => [name, { slot, maxKeyBytes }]));
}

/** DynamoDB wants three characters, Cassandra one. */
function nameOf({ name }: IndexMetadata | ViewMetadata): string {
  return name.length < MIN_NAME_CHARACTERS ? `${name}_index` : name;
}

function isSameList(names: readonly string[], columns: readonly ColumnMetadata[]): boolean {
  return names.length === columns.length && columns.every((column, i) => column.name === names[i]);
}

function invalid(message: string): CodedError {
  return dynamodbError('MAPPING_INVALID', message);
}
