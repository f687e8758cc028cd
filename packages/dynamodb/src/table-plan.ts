// What becomes of a table, decided before the first row: pure, from the table's metadata and the mapping rules.

import { cqlView, qualifiedName } from '@aeneas/cassandra';
import type { ColumnMetadata, CqlType, TableMetadata } from '@aeneas/cassandra';
import { dynamodbError } from './errors.ts';
import { MAX_NESTING } from './item-size.ts';
import { keyPlanOf, nativeTypeOf } from './key-plan.ts';
import type { KeyPlan } from './key-plan.ts';
import type { Mapping } from './mapping.ts';
import { indexedAttributes, planIndexes } from './index-plan.ts';
import type { IndexedAttribute, IndexPlan } from './index-plan.ts';
import { checkKeyName, targetTableName } from './table-name.ts';
import { rulesOf } from './table-rules.ts';
import type { TableRules } from './table-rules.ts';
import { Constant } from './constant.ts';
import { jsonLabel, valuePlanOf } from './value-plan.ts';
import type { ValuePlan } from './value-plan.ts';

const MAX_ATTRIBUTE_BYTES = 65_535;

/** A column and the attribute that it becomes. */
export interface AttributePlan {
  readonly column: ColumnMetadata;
  readonly attribute: string;
  readonly value: ValuePlan;
  /** `,"name":` and the value's opening delimiter in one. */
  readonly opening: Constant;
  /** `,"name":` */
  readonly label: Constant;
  readonly nameBytes: number;
  /** Undefined: no index knows it. */
  readonly indexed: IndexedAttribute | undefined;
}

/** Everything that items, keys, the target table and reports of one table follow from. */
export interface TablePlan {
  /** As CQL shows it. */
  readonly table: TableMetadata;
  readonly targetName: string;
  readonly rules: TableRules;
  readonly partitionKey: KeyPlan;
  /** Absent where the table has neither clustering nor static columns. */
  readonly sortKey: KeyPlan | undefined;
  /** Undefined where the rules want none. */
  readonly ttlAttribute: string | undefined;
  readonly statics: 'item' | 'copy';
  /** By position; undefined: the column is its side's native key attribute, or excluded. */
  readonly partitionColumns: readonly (AttributePlan | undefined)[];
  readonly clusteringColumns: readonly (AttributePlan | undefined)[];
  /** By ordinal; undefined: excluded. */
  readonly staticColumns: readonly (AttributePlan | undefined)[];
  readonly regularColumns: readonly (AttributePlan | undefined)[];
  /** Global secondary indexes, and the attributes that matter to them, by name. */
  readonly indexes: readonly IndexPlan[];
  readonly indexed: ReadonlyMap<string, IndexedAttribute>;
  /** What a user should know before the start. */
  readonly warnings: readonly string[];
}

/** Plans one table, given as storage or CQL has it. Throws MAPPING_INVALID, MAPPING_COLLISION, MAPPING_NAME_INVALID, PROFILE_UNAVAILABLE. */
export function planTable(storedTable: TableMetadata, mapping: Mapping): TablePlan {
  const table = cqlView(storedTable);
  const rules = rulesOf(mapping, table);
  if (rules.profile === 'dms') throw dynamodbError('PROFILE_UNAVAILABLE', `The mapping of ${qualifiedName(table)} asks for the profile dms`);
  const names = new AttributeNames(table, rules);
  const nativePartition = rules.keys === 'encoded' ? undefined : nativeTypeOf(table.partitionKey, 'partition', table);
  const nativeSort = rules.keys === 'encoded' ? undefined : nativeTypeOf(table.clustering, 'sort', table);
  const hasSortKey = table.clustering.length > 0 || table.staticColumns.length > 0;
  const partitionName = nativePartition ? names.ofColumn(table.partitionKey[0]) : names.synthesized(rules.partitionKey, 'pk', 'partitionKey');
  const sortName = nativeSort ? names.ofColumn(table.clustering[0]) : hasSortKey ? names.synthesized(rules.sortKey, 'sk', 'sortKey') : '';
  checkKeyColumns(table, rules, nativePartition !== undefined, nativeSort !== undefined);

  const partitionKey = keyPlanOf('partition', table.partitionKey, partitionName, nativePartition);
  const sortKey = hasSortKey ? keyPlanOf('sort', table.clustering, sortName, nativeSort) : undefined;
  const ttlAttribute = rules.ttl === false ? undefined : names.synthesized(rules.ttl, 'ttl', 'ttl');
  const statics = rules.statics ?? 'item';
  const attributes = (columns: readonly ColumnMetadata[]) => columns.map((column) => attributePlanOf(column, rules, names));
  const columns = {
    partitionColumns: nativePartition ? [undefined] : attributes(table.partitionKey),
    clusteringColumns: nativeSort ? [undefined] : attributes(table.clustering),
    staticColumns: attributes(table.staticColumns),
    regularColumns: attributes(table.regularColumns),
  };
  const all = Object.values(columns).flat().filter((attribute) => attribute !== undefined);
  const { indexes, warnings } = planIndexes({ table, partitionKey, sortKey, ttlAttribute, statics, attributes: all }, rules.indexes ?? []);
  const indexed = indexedAttributes(indexes, [partitionKey.attribute, ...(sortKey === undefined ? [] : [sortKey.attribute])]);
  const known = (list: readonly (AttributePlan | undefined)[]) => list.map((plan) => plan && { ...plan, indexed: indexed.get(plan.attribute) });
  return {
    table, rules, partitionKey, sortKey, ttlAttribute, statics, indexes, indexed,
    targetName: targetTableName(table, rules.name),
    partitionColumns: known(columns.partitionColumns),
    clusteringColumns: known(columns.clusteringColumns),
    staticColumns: known(columns.staticColumns),
    regularColumns: known(columns.regularColumns),
    warnings: [...warningsOf(table, nativeSort !== undefined), ...warnings],
  };
}

/** Plans all tables of a migration; two with one target name are an error. */
export function planTables(tables: readonly TableMetadata[], mapping: Mapping): TablePlan[] {
  const byTarget = new Map<string, TablePlan>();
  for (const table of tables) {
    const plan = planTable(table, mapping);
    const other = byTarget.get(plan.targetName);
    if (other) {
      throw dynamodbError('MAPPING_COLLISION', `${qualifiedName(other.table)} and ${qualifiedName(table)} would both become the table "${plan.targetName}"`);
    }
    byTarget.set(plan.targetName, plan);
  }
  return [...byTarget.values()];
}

/** Attribute names in use, and the names of what is synthesized. */
class AttributeNames {
  readonly #rules: TableRules;
  readonly #table: TableMetadata;
  readonly #owners = new Map<string, string>();

  constructor(table: TableMetadata, rules: TableRules) {
    this.#rules = rules;
    this.#table = table;
    for (const column of allColumns(table)) {
      if (!rules.columns.get(column.name)?.exclude) this.#claim(this.ofColumn(column), `column ${column.name}`);
    }
  }

  ofColumn(column: ColumnMetadata): string {
    return this.#rules.columns.get(column.name)?.name ?? column.name;
  }

  /** The name by rule, which must be free; otherwise the default, with `_` in front until it is. */
  synthesized(byRule: string | undefined, byDefault: string, what: string): string {
    let name = byRule ?? byDefault;
    if (byRule === undefined) while (this.#owners.has(name)) name = `_${name}`;
    this.#claim(name, `${what} "${name}"`);
    if (what !== 'ttl') checkKeyName(name, this.#table);
    return name;
  }

  #claim(name: string, owner: string): void {
    const other = this.#owners.get(name);
    if (other !== undefined) throw dynamodbError('MAPPING_COLLISION', `In ${qualifiedName(this.#table)}, ${other} and ${owner} would both be the attribute "${name}"`);
    if (Buffer.byteLength(name) > MAX_ATTRIBUTE_BYTES) {
      throw dynamodbError('MAPPING_NAME_INVALID', `The attribute name "${name.slice(0, 40)}…" of ${qualifiedName(this.#table)} has ${Buffer.byteLength(name)} bytes`);
    }
    this.#owners.set(name, owner);
  }
}

function attributePlanOf(column: ColumnMetadata, rules: TableRules, names: AttributeNames): AttributePlan | undefined {
  const rule = rules.columns.get(column.name);
  if (rule?.exclude) return undefined;
  checkForm(column.name, rule?.as, column.type);
  const numbersAsText = rule?.as === 'string' ? 'all' : rules.onUnrepresentable === 'string' ? 'inexact' : 'none';
  const value = valuePlanOf(column.type, { numbersAsText, ...(rule?.as === 'list' || rule?.as === 'set' ? { set: rule.as } : {}) });
  if (value.depth > MAX_NESTING) {
    throw dynamodbError('MAPPING_INVALID', `The type of column "${column.name}" nests ${value.depth} levels deep, DynamoDB takes ${MAX_NESTING}: exclude it by a rule`);
  }
  const attribute = names.ofColumn(column);
  const label = `,${jsonLabel(attribute)}`;
  return { column, attribute, value, label: new Constant(label), opening: new Constant(label + value.open.text), nameBytes: Buffer.byteLength(attribute), indexed: undefined };
}

/** A rule that could not change anything is a mistake. */
function checkForm(name: string, form: 'string' | 'list' | 'set' | undefined, type: CqlType): void {
  if (form === undefined) return;
  const fits = form === 'string' ? hasNumbers(type) : type.kind === 'set';
  if (!fits) throw dynamodbError('MAPPING_INVALID', `Column "${name}" cannot be mapped as ${form}: ${form === 'string' ? 'its type has no numbers' : 'it is not a set'}`);
  if (form === 'set' && type.kind === 'set' && valuePlanOf(type, { numbersAsText: 'none', set: 'set' }).attributeType === 'L') {
    throw dynamodbError('MAPPING_INVALID', `Column "${name}" cannot be mapped as set: DynamoDB has no sets of its elements`);
  }
}

function hasNumbers(type: CqlType): boolean {
  switch (type.kind) {
    case 'list': case 'set': case 'vector': return hasNumbers(type.element);
    case 'map': return hasNumbers(type.key) || hasNumbers(type.value);
    case 'tuple': return type.elements.some(hasNumbers);
    case 'udt': return type.fields.some((field) => hasNumbers(field.type));
    default: return valuePlanOf(type, { numbersAsText: 'none' }).attributeType === 'N';
  }
}

function checkKeyColumns(table: TableMetadata, rules: TableRules, isNativePartition: boolean, isNativeSort: boolean): void {
  const native = [...(isNativePartition ? table.partitionKey : []), ...(isNativeSort ? table.clustering : [])];
  for (const column of native) {
    const rule = rules.columns.get(column.name);
    checkKeyName(rule?.name ?? column.name, table);
    if (rule?.exclude) throw dynamodbError('MAPPING_INVALID', `Column "${column.name}" of ${qualifiedName(table)} is a key attribute and cannot be excluded (keys: encoded makes it a plain one)`);
    if (rule?.as) throw dynamodbError('MAPPING_INVALID', `Column "${column.name}" of ${qualifiedName(table)} is a key attribute and keeps its form (keys: encoded makes it a plain one)`);
  }
}

function warningsOf(table: TableMetadata, isNativeSort: boolean): string[] {
  const warnings: string[] = [];
  if (isNativeSort && table.clustering[0].reversed) {
    warnings.push(`The sort key ${table.clustering[0].name} is in ascending order: read with ScanIndexForward false for the CLUSTERING ORDER DESC`);
  }
  for (const column of table.clustering) {
    if (column.type.kind === 'composite' || column.type.kind === 'custom') warnings.push(`Rows sort by the bytes of ${column.name}: the order of its class is not known`);
  }
  if (table.isCounter) warnings.push('Counters become plain numbers: increments are to be written with ADD');
  return warnings;
}

function allColumns(table: TableMetadata): ColumnMetadata[] {
  return [...table.partitionKey, ...table.clustering, ...table.staticColumns, ...table.regularColumns];
}
